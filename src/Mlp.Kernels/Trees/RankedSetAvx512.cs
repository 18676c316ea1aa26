using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Mlp.Kernels;

/// <summary>AVX-512 as the first processors had it.</summary>
internal readonly unsafe struct RankedSetAvx512 : IRankedSet
{
    /// <inheritdoc/>
    public static string Name => "ranked-avx512";

    /// <inheritdoc/>
    public static bool IsSupported => Vector512.IsHardwareAccelerated && Avx512F.IsSupported && Avx512BW.IsSupported;

    /// <inheritdoc/>
    public static bool TakesLone(PerfectTrees trees) => trees.Ranks.AreWords || trees.Ranks.Columns <= AlignedBlock.Line;

    /// <inheritdoc/>
    [SkipLocalsInit]
    public static void AddLone(PerfectTrees trees, float* row, float* sums)
    {
        var memory = stackalloc byte[LoneRanks.Bytes];
        var ranks = LoneRanks.Aligned(memory);
        if (trees.Ranks.AreWords)
        {
            RankSearch<RankCountAvx512>.Row(trees.Ranks, row, (ushort*)ranks);
            LoneWalkAvx512<LoneAskAvx512>.Add(trees, ranks, sums);
        }
        else
        {
            RankSearch<RankCountAvx512>.Row(trees.Ranks, row, ranks);
            LoneWalkAvx512<LoneAskAvx512Bytes>.Add(trees, ranks, sums);
        }
    }
}
