using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;

namespace Mlp.Kernels;

/// <summary>AdvSimd of 64-bit ARM.</summary>
internal readonly unsafe struct RankedSetNeon : IRankedSet
{
    private const int LoneColumnsMax = 64;

    /// <inheritdoc/>
    public static string Name => "ranked-neon";

    /// <inheritdoc/>
    public static bool IsSupported => AdvSimd.Arm64.IsSupported;

    /// <inheritdoc/>
    public static bool TakesLone(PerfectTrees trees) => !trees.Ranks.AreWords && trees.Ranks.Columns <= LoneColumnsMax;

    /// <inheritdoc/>
    [SkipLocalsInit]
    public static void AddLone(PerfectTrees trees, float* row, float* sums)
    {
        var memory = stackalloc byte[LoneRanks.Bytes];
        var ranks = LoneRanks.Aligned(memory);
        RankSearch<RankCountNeon>.Row(trees.Ranks, row, ranks);
        LoneWalk<LoneAskNeon>.Add(trees, ranks, sums);
    }

    /// <inheritdoc/>
    public static int BlockRows(int rows) => rows <= 64 ? 64 : 128;

    /// <inheritdoc/>
    public static void AddBlock(SlicedTrees trees, float* rows, nint stride, int blockRows, int count, float* sums, int targets)
    {
        if (blockRows == 64)
        {
            SlicedWalk<SliceBits64, SliceKernelNeon, RankCountNeon>.Add(trees, rows, stride, count, sums, targets);
        }
        else
        {
            SlicedWalk<SliceBits128, SliceKernelNeon, RankCountNeon>.Add(trees, rows, stride, count, sums, targets);
        }
    }
}
