namespace Mlp.Monitoring.Tests.Sketches;

/// <summary>Seeded samples of the shapes that sketches trip over.</summary>
internal static class Samples
{
    public static IReadOnlyDictionary<string, Func<int, float[]>> Shapes { get; } = new Dictionary<string, Func<int, float[]>>
    {
        ["uniform"] = n => Draw(n, r => r.NextSingle()),
        ["normal"] = n => Draw(n, r => (float)(Math.Sqrt(-2 * Math.Log(1 - r.NextDouble())) * Math.Cos(2 * Math.PI * r.NextDouble()))),
        ["skewed"] = n => Draw(n, r => (float)Math.Exp(6 * r.NextDouble())),
        ["few values"] = n => Draw(n, r => r.Next(7)),
        ["ascending"] = n => [.. Enumerable.Range(0, n).Select(i => (float)i)],
        ["descending"] = n => [.. Enumerable.Range(0, n).Select(i => (float)-i)],
        ["zoomed in"] = n => [.. Enumerable.Range(0, n).Select(i => (i % 2 == 0 ? 1f : -1f) * (n - i))],
        ["constant"] = n => [.. Enumerable.Repeat(3.5f, n)],
    };

    public static float[] Draw(int count, Func<Random, float> value, int seed = 7)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => value(random))];
    }

    public static QuantileSketch Sketch(float[] values)
    {
        var sketch = new QuantileSketch();
        foreach (var value in values)
        {
            sketch.Add(value);
        }

        return sketch;
    }

    public static double LargestRankError(QuantileSketch sketch, float[] values)
    {
        var distribution = sketch.ToDistribution();
        var sorted = values.Order().ToArray();
        double largest = 0;
        for (var i = 0; i < sorted.Length; i++)
        {
            if (i + 1 == sorted.Length || sorted[i + 1] != sorted[i])
            {
                largest = Math.Max(largest, Math.Abs(distribution.ShareAtMost(sorted[i]) - ((double)(i + 1) / sorted.Length)));
            }
        }

        return largest;
    }
}
