namespace Mlp.Benchmarks;

/// <summary>How much a run spends.</summary>
internal sealed record Effort(string Name, int Pairs, TimeSpan Warmup, TimeSpan Sample, double Scale)
{
    /// <summary>What the README's table is made of.</summary>
    public static Effort Full { get; } = new("full", Pairs: 21, TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(300), 1);

    /// <summary>Below half a minute for each name.</summary>
    public static Effort Quick { get; } = new("quick", Pairs: 9, TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(100), 1);

    /// <summary>A moment, on a hundredth of the data: shows that a benchmark still runs and that its answers are right. Its figures mean nothing.</summary>
    public static Effort Smoke { get; } = new("smoke", Pairs: 7, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1), 0.01);

    /// <summary>A number of entities or rows at this effort.</summary>
    public int Of(int count) => Math.Max(100, (int)(count * Scale));
}
