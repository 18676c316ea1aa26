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
}
