using System.Runtime.CompilerServices;

namespace Mlp.Kernels;

/// <summary>Row by row, trees of any shape: a row's values are ranked (<see cref="ThresholdRanks"/>), and all nodes of its trees are asked which leaves they strike out (<see cref="StruckLeaves"/>).</summary>
internal sealed unsafe class StruckTreeWalkVbmi : ITreeWalk
{
    private static readonly InterleavedTreeWalk Walk = new();

    /// <summary>Whether this processor has what it takes.</summary>
    public static bool IsSupported => RankedSetVbmi.IsSupported;

    /// <inheritdoc/>
    public string Name => "struck-vbmi";

    /// <inheritdoc/>
    public int BlockRowsMin => 1;

    /// <inheritdoc/>
    public bool Prepare(PackedTrees trees)
    {
        ArgumentNullException.ThrowIfNull(trees);
        return trees.Struck is not null;
    }

    /// <inheritdoc/>
    public long Bytes(PackedTrees trees)
    {
        ArgumentNullException.ThrowIfNull(trees);
        return trees.Struck is { } struck ? struck.Bytes + struck.Ranks.Bytes : 0;
    }

    /// <inheritdoc/>
    public void Sum(PackedTrees trees, ReadOnlySpan<float> rows, Span<float> sums)
    {
        ArgumentNullException.ThrowIfNull(trees);
        var count = TreeWalks.CheckLengths(trees, rows, sums);
        if (trees.Struck is not { } struck)
        {
            Walk.Sum(trees, rows, sums);
            return;
        }

        fixed (float* row = rows, sum = sums)
        {
            for (var r = 0; r < count; r++)
            {
                Add(struck, row + ((nint)r * trees.RowLength), sum + ((nint)r * trees.TargetCount));
            }
        }
    }

    [SkipLocalsInit]
    private static void Add(StruckLeaves trees, float* row, float* sums)
    {
        var memory = stackalloc byte[LoneRanks.Bytes];
        var ranks = LoneRanks.Aligned(memory);
        RankSearch<RankCountAvx512>.Row(trees.Ranks, row, ranks);
        if (trees.Ranks.Columns <= AlignedBlock.Line)
        {
            StruckWalkVbmi<LoneAskVbmi>.Add(trees, ranks, sums);
        }
        else
        {
            StruckWalkVbmi<LoneAskVbmiTwo>.Add(trees, ranks, sums);
        }
    }
}
