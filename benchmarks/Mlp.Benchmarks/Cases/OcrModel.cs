namespace Mlp.Benchmarks;

/// <summary>PaddleOCR's angle classifier: a small convolution net over a line of text, 3×48×192. <c>eng/fetch-models.sh</c> brings it.</summary>
internal static class OcrModel
{
    private const string Path = ".cache/models/ch_ppocr_mobile_v2.0_cls_infer.onnx";

    public static IReadOnlyDictionary<string, int[]> RowShapes { get; } = new Dictionary<string, int[]> { ["x"] = [3, 48, 192] };

    /// <summary>The model's file; null where it was not fetched.</summary>
    public static byte[]? TryRead() => File.Exists(Path) ? File.ReadAllBytes(Path) : null;

    /// <summary>Lines of dark strokes on a light ground, in the range of -1 to 1 that the model reads.</summary>
    public static float[] Rows(int count)
    {
        const int Height = 48, Width = 192;
        var random = new Random(48);
        var rows = new float[count * 3 * Height * Width];
        for (var r = 0; r < count; r++)
        {
            var plane = new float[Height * Width];
            Array.Fill(plane, 0.8f);
            for (var stroke = 0; stroke < 60; stroke++)
            {
                var (x, y, upright) = (random.Next(Width - 12), random.Next(10, Height - 22), random.Next(2) == 0);
                for (var i = 0; i < 24; i++)
                {
                    var (dx, dy) = upright ? (i % 2, i / 2) : (i / 2, i % 2);
                    plane[((y + dy) * Width) + x + dx] = -0.8f;
                }
            }

            for (var channel = 0; channel < 3; channel++)
            {
                plane.CopyTo(rows, ((r * 3) + channel) * plane.Length);
            }
        }

        return rows;
    }
}
