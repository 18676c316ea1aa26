namespace Mlp.Kernels;

/// <summary>Row by row: a row's values are ranked (<see cref="ThresholdRanks"/>), and it is taken down <see cref="PerfectTrees"/>, all nodes of a tree at once.</summary>
internal sealed unsafe class RankedTreeWalk<TSet> : ITreeWalk
    where TSet : struct, IRankedSet
{
    private static readonly InterleavedTreeWalk Walk = new();

    /// <inheritdoc/>
    public string Name => TSet.Name;

    /// <inheritdoc/>
    public int BlockRowsMin => 1;

    /// <inheritdoc/>
    public long Bytes(PackedTrees trees) => trees.Perfect is { } perfect ? perfect.Bytes + perfect.Ranks.Bytes : 0;

    /// <inheritdoc/>
    public bool Prepare(PackedTrees trees)
    {
        ArgumentNullException.ThrowIfNull(trees);
        return trees.Perfect is { } perfect && TSet.TakesLone(perfect);
    }

    /// <inheritdoc/>
    public void Sum(PackedTrees trees, ReadOnlySpan<float> rows, Span<float> sums)
    {
        ArgumentNullException.ThrowIfNull(trees);
        var count = TreeWalks.CheckLengths(trees, rows, sums);
        if (trees.Perfect is not { } perfect || !TSet.TakesLone(perfect))
        {
            Walk.Sum(trees, rows, sums);
            return;
        }

        fixed (float* row = rows, sum = sums)
        {
            for (var r = 0; r < count; r++)
            {
                TSet.AddLone(perfect, row + ((nint)r * trees.RowLength), sum + ((nint)r * trees.TargetCount));
            }
        }
    }
}
