using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Mlp.Kernels;

/// <summary>AVX-512 with permutes of bytes and products of bit matrices: Intel since Ice Lake, AMD since Zen 4.</summary>
internal readonly unsafe struct RankedSetVbmi : IRankedSet
{
    /// <inheritdoc/>
    public static string Name => "ranked-vbmi";

    /// <inheritdoc/>
    public static bool IsSupported => RankedSetAvx512.IsSupported && Avx512Vbmi.IsSupported && Gfni.V512.IsSupported;

    /// <inheritdoc/>
    public static bool TakesLone(PerfectTrees trees) => true;

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
            return;
        }

        RankSearch<RankCountAvx512>.Row(trees.Ranks, row, ranks);
        if (trees.Ranks.Columns <= AlignedBlock.Line)
        {
            LoneWalkAvx512<LoneAskVbmi>.Add(trees, ranks, sums);
        }
        else
        {
            LoneWalkAvx512<LoneAskVbmiTwo>.Add(trees, ranks, sums);
        }
    }
}
