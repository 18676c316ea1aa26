using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Mlp.Kernels;

/// <summary>AVX2.</summary>
internal readonly unsafe struct RankedSetAvx2 : IRankedSet
{
    private const int LoneColumnsMax = 32;

    /// <inheritdoc/>
    public static string Name => "ranked-avx2";

    /// <inheritdoc/>
    public static bool IsSupported => Vector256.IsHardwareAccelerated && Avx2.IsSupported;

    /// <inheritdoc/>
    public static bool TakesLone(PerfectTrees trees) => !trees.Ranks.AreWords && trees.Ranks.Columns <= LoneColumnsMax;

    /// <inheritdoc/>
    [SkipLocalsInit]
    public static void AddLone(PerfectTrees trees, float* row, float* sums)
    {
        var memory = stackalloc byte[LoneRanks.Bytes];
        var ranks = LoneRanks.Aligned(memory);
        RankSearch<RankCountAvx2>.Row(trees.Ranks, row, ranks);
        LoneWalk<LoneAskAvx2>.Add(trees, ranks, sums);
    }
}
