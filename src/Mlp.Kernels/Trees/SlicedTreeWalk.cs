namespace Mlp.Kernels;

/// <summary>Block by block: each column is ranked (<see cref="ThresholdRanks"/>), and a block of rows is taken down <see cref="SlicedTrees"/>, a bit a row.</summary>
internal sealed unsafe class SlicedTreeWalk<TSet> : ITreeWalk
    where TSet : struct, ISlicedSet
{
    private static readonly InterleavedTreeWalk Walk = new();

    /// <inheritdoc/>
    public string Name => TSet.Name;

    /// <inheritdoc/>
    public int BlockRowsMin => TSet.BlockRows(1);

    /// <inheritdoc/>
    public long Bytes(PackedTrees trees) => trees.Sliced is { } sliced ? sliced.Bytes + sliced.Ranks.Bytes : 0;

    /// <inheritdoc/>
    public bool Prepare(PackedTrees trees)
    {
        ArgumentNullException.ThrowIfNull(trees);
        return trees.Sliced is not null;
    }

    /// <inheritdoc/>
    public void Sum(PackedTrees trees, ReadOnlySpan<float> rows, Span<float> sums)
    {
        ArgumentNullException.ThrowIfNull(trees);
        var count = TreeWalks.CheckLengths(trees, rows, sums);
        if (trees.Sliced is not { } sliced)
        {
            Walk.Sum(trees, rows, sums);
            return;
        }

        int stride = trees.RowLength, targets = trees.TargetCount;
        fixed (float* row = rows, sum = sums)
        {
            for (var done = 0; done < count;)
            {
                var block = TSet.BlockRows(count - done);
                var taken = Math.Min(block, count - done);
                TSet.AddBlock(sliced, row + ((nint)done * stride), stride, block, taken, sum + ((nint)done * targets), targets);
                done += taken;
            }
        }
    }
}
