using Mlp.Core;

namespace Mlp.Benchmarks;

/// <summary>Nets with ReLU of seeded weights. The small one, 64-256-256-1, is so fast that whatever surrounds it shows.</summary>
internal static class NetModel
{
    private const int Inputs = 64;

    public static byte[] Write() => Write(256, 256);

    public static byte[] Write(params ReadOnlySpan<int> hidden)
    {
        int[] widths = [Inputs, .. hidden, 1];
        var random = new Random(64);
        var constants = new Dictionary<string, OnnxTensor>();
        var nodes = new List<OnnxNode>();
        var from = "x";
        for (var i = 1; i < widths.Length; i++)
        {
            // Scaled by the number of inputs, so that values keep their size from layer to layer.
            constants[$"w{i}"] = OnnxTensor.Of(Floats(random, widths[i - 1] * widths[i], 2 / MathF.Sqrt(widths[i - 1])), widths[i - 1], widths[i]);
            constants[$"b{i}"] = OnnxTensor.Of(Floats(random, widths[i], 0.1f), widths[i]);
            var isLast = i == widths.Length - 1;
            nodes.Add(new OnnxNode { OpType = "Gemm", Inputs = [from, $"w{i}", $"b{i}"], Outputs = [isLast ? "y" : $"h{i}"] });
            if (!isLast)
            {
                nodes.Add(new OnnxNode { OpType = "Relu", Inputs = [$"h{i}"], Outputs = [from = $"r{i}"] });
            }
        }

        return new OnnxModel
        {
            Opsets = new Dictionary<string, long> { [""] = 17 },
            Graph = new OnnxGraph { Nodes = nodes, Initializers = constants, Inputs = [Value("x", widths[0])], Outputs = [Value("y", widths[^1])] },
        }.Write();
    }

    public static float[] Rows(int count) => Floats(new Random(65), count * Inputs, 2);

    private static OnnxValueInfo Value(string name, int width) =>
        new(name, new TensorSpec(name, ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Fixed(width)));

    private static float[] Floats(Random random, int count, float scale)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = (random.NextSingle() - 0.5f) * scale;
        }

        return values;
    }
}
