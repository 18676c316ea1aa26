namespace Mlp.Kernels;

/// <summary>
/// Rows are ranked first (<see cref="ThresholdRanks"/>), so that a question is a comparison of bytes. Many rows go as blocks down
/// <see cref="SlicedTrees"/>; few rows one by one down <see cref="PerfectTrees"/>.
/// </summary>
/// <remarks>What either does not fit is walked (<see cref="InterleavedTreeWalk"/>), with the same bits: sums are made tree by tree everywhere.</remarks>
internal sealed unsafe class RankedTreeWalk<TSet> : ITreeWalk
    where TSet : struct, IRankedSet
{
    // Below these the rows are faster one by one than as a block that is mostly empty: by permutes, and by walking.
    private const int BlockRowsMin = 24;
    private const int BlockRowsMinOfWalk = 10;

    private static readonly InterleavedTreeWalk Walk = new();

    /// <inheritdoc/>
    public string Name => TSet.Name;

    /// <inheritdoc/>
    public void Prepare(PackedTrees trees)
    {
        ArgumentNullException.ThrowIfNull(trees);
        _ = trees.Perfect;
        _ = trees.Sliced;
    }

    /// <inheritdoc/>
    public void Sum(PackedTrees trees, ReadOnlySpan<float> rows, Span<float> sums)
    {
        ArgumentNullException.ThrowIfNull(trees);
        TreeWalks.CheckLengths(trees, rows, sums);
        int stride = trees.RowLength, targets = trees.TargetCount, count = sums.Length / targets;
        var lone = trees.Perfect is { } perfect && TSet.TakesLone(perfect) ? perfect : null;
        var least = lone is null ? BlockRowsMinOfWalk : BlockRowsMin;
        var done = 0;
        fixed (float* row = rows, sum = sums)
        {
            if (trees.Sliced is { } sliced)
            {
                while (count - done >= least)
                {
                    var block = TSet.BlockRows(count - done);
                    var taken = Math.Min(block, count - done);
                    TSet.AddBlock(sliced, row + ((nint)done * stride), stride, block, taken, sum + ((nint)done * targets), targets);
                    done += taken;
                }
            }

            for (; lone is not null && done < count; done++)
            {
                TSet.AddLone(lone, row + ((nint)done * stride), sum + ((nint)done * targets));
            }
        }

        Walk.Sum(trees, rows[(done * stride)..], sums[(done * targets)..]);
    }
}
