using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Mlp.Kernels;

/// <summary>
/// One row over <see cref="StruckLeaves"/>, sixteen words a turn and three turns at work: these sixteen are asked, those of the turn
/// before are struck and folded, and the leaves of those before them are added.
/// </summary>
internal static unsafe class StruckWalkVbmi<TAsk>
    where TAsk : struct, ILoneAnswer<TAsk>
{
    private const int Turn = StruckLeaves.WordsAligned;
    private const int WordPlaces = StruckLeaves.WordPlaces;

    // Words in the rings, a power of two: the turn that is written and the two behind it.
    private const int Ring = 4 * Turn;

    /// <summary>Adds the leaves that a row reaches to its sums.</summary>
    /// <param name="trees">The trees.</param>
    /// <param name="ranks">The row's ranks.</param>
    /// <param name="sums">One a target.</param>
    [SkipLocalsInit]
    public static void Add(StruckLeaves trees, byte* ranks, float* sums)
    {
        var memory = stackalloc byte[(Ring * (WordPlaces + sizeof(int))) + AlignedBlock.Line];
        var answers = (byte*)(((nuint)memory + AlignedBlock.Line - 1) & ~(nuint)(AlignedBlock.Line - 1));
        var places = (int*)(answers + (Ring * WordPlaces));
        if (trees.IsWordPerTree && trees.Targets is null)
        {
            Add<StruckLeafOfWord>(trees, ranks, sums, answers, places);
        }
        else
        {
            Add<StruckLeafOfWords>(trees, ranks, sums, answers, places);
        }

        GC.KeepAlive(trees);
    }

    // Calls nothing: a vector does not outlive a call in its register.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add<TLeaf>(StruckLeaves trees, byte* ranks, float* sums, byte* answers, int* places)
        where TLeaf : struct, IStruckLeaf<TLeaf>
    {
        const int Behind = 2 * Turn;
        var row = TAsk.Load(ranks);
        var count = trees.WordCount;
        byte* columns = trees.Columns, keys = trees.Keys;
        var masks = trees.Masks;
        var leaf = TLeaf.Begin(sums);
        for (var t = 0; t < count + Behind; t += Turn)
        {
            if (t < count)
            {
                var to = answers + ((t & (Ring - 1)) * WordPlaces);
                for (var i = 0; i < Turn * WordPlaces; i += AlignedBlock.Line, columns += AlignedBlock.Line, keys += AlignedBlock.Line)
                {
                    row.Answer(columns, keys).StoreAligned(to + i);
                }
            }

            if (t >= Turn && t < count + Turn)
            {
                var ring = (t - Turn) & (Ring - 1);
                Fold(answers + (ring * WordPlaces), masks + ((nint)(t - Turn) * WordPlaces)).StoreAligned(places + ring);
            }

            if (t >= Behind)
            {
                var first = t - Behind;
                leaf = leaf.Add(trees, first, Math.Min(Turn, count - first), places + (first & (Ring - 1)), sums);
            }
        }

        leaf.End(sums);
    }

    // Sixteen words' masks, struck and folded to one lane each: four words at a time, every fourth, so that they come out in their order.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Fold(byte* answers, uint* masks)
    {
        Vector512<uint> a = Four(answers, masks, 0), b = Four(answers, masks, 1), c = Four(answers, masks, 2), d = Four(answers, masks, 3);
        var ab = (Avx512F.UnpackLow(a, b) & Avx512F.UnpackHigh(a, b)).AsUInt64();
        var cd = (Avx512F.UnpackLow(c, d) & Avx512F.UnpackHigh(c, d)).AsUInt64();
        return Avx512CD.LeadingZeroCount((Avx512F.UnpackLow(ab, cd) & Avx512F.UnpackHigh(ab, cd)).AsUInt32()).AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Four(byte* answers, uint* masks, int first)
    {
        var ab = Half(Strike(answers, masks, first), Strike(answers, masks, first + 4));
        var cd = Half(Strike(answers, masks, first + 8), Strike(answers, masks, first + 12));
        return Avx512F.Shuffle4x128(ab, cd, 0x88) & Avx512F.Shuffle4x128(ab, cd, 0xDD);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Half(Vector512<uint> a, Vector512<uint> b) => Avx512F.Shuffle4x128(a, b, 0x44) & Avx512F.Shuffle4x128(a, b, 0xEE);

    // A yes, all bits set, strikes out nothing.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Strike(byte* answers, uint* masks, int word)
    {
        answers += word * WordPlaces;
        masks += word * WordPlaces;
        var low = Avx512F.ConvertToVector512Int32(Vector128.LoadAligned((sbyte*)answers)).AsUInt32() | Vector512.LoadAligned(masks);
        var high = Avx512F.ConvertToVector512Int32(Vector128.LoadAligned((sbyte*)answers + 16)).AsUInt32() | Vector512.LoadAligned(masks + 16);
        return low & high;
    }
}
