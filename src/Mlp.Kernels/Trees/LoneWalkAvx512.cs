using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Mlp.Kernels;

/// <summary>
/// One row down <see cref="PerfectTrees"/>, sixteen trees a turn and several turns at work: the questions of these sixteen are asked
/// while the sixteen before are walked (eight to a vector), those before them go down their tails, and the leaves of the oldest are
/// added. So neither the store of the bits, nor the walk, nor the sum, which has to be made in the order of the trees, makes
/// anything else wait.
/// </summary>
internal static unsafe class LoneWalkAvx512<TAsk>
    where TAsk : struct, ILoneAsk<TAsk>
{
    private const int Turn = PerfectTrees.TreesAligned;
    private const int Lanes = 8;

    // Trees in the rings, a power of two: of the turn that is written, and of those behind it that are at work.
    private const int Ring = 8 * Turn;

    /// <summary>Adds the leaves that a row reaches to its sums.</summary>
    /// <param name="trees">The trees.</param>
    /// <param name="ranks">The row's ranks.</param>
    /// <param name="sums">One a target.</param>
    [SkipLocalsInit]
    public static void Add(PerfectTrees trees, byte* ranks, float* sums)
    {
        var memory = stackalloc byte[(Ring * (sizeof(ulong) + sizeof(int))) + AlignedBlock.Line];
        var bits = (ulong*)(((nuint)memory + AlignedBlock.Line - 1) & ~(nuint)(AlignedBlock.Line - 1));
        if (trees.Depth <= PerfectTrees.TopDepth)
        {
            AddFlat(trees, ranks, sums, bits, (int*)(bits + Ring));
        }
        else
        {
            AddDeep(trees, ranks, sums, bits, (int*)(bits + Ring));
        }

        GC.KeepAlive(trees);
    }

    // Neither of the two calls anything: a vector does not outlive a call in its register.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFlat(PerfectTrees trees, byte* ranks, float* sums, ulong* bits, int* places)
    {
        const int Behind = 2 * Turn;
        var row = TAsk.Load(ranks);
        int count = trees.TreeCount, depth = trees.Depth;
        byte* columns = trees.Columns, keys = trees.Keys;
        var leaves = trees.Leaves - (1 << depth);
        var targets = trees.Targets;
        var sum = sums[0];
        for (var t = 0; t < count + Behind; t += Turn)
        {
            if (t < count)
            {
                var to = bits + (t & (Ring - 1));
                for (var i = 0; i < Turn; i++, columns += PerfectTrees.Places * TAsk.RankBytes, keys += PerfectTrees.Places * TAsk.RankBytes)
                {
                    to[i] = row.Ask(columns, keys);
                }
            }

            if (t >= Turn && t < count + Turn)
            {
                Walk(bits + ((t - Turn) & (Ring - 1)), places + ((t - Turn) & (Ring - 1)), depth);
            }

            if (t >= Behind)
            {
                var first = t - Behind;
                sum = AddLeaves(targets, first, Math.Min(Turn, count - first), leaves + ((nint)first << depth), depth, places + (first & (Ring - 1)), sum, sums);
            }
        }

        sums[0] = targets is null ? sum : sums[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddDeep(PerfectTrees trees, byte* ranks, float* sums, ulong* bits, int* places)
    {
        var row = TAsk.Load(ranks);
        int count = trees.TreeCount, depth = trees.Depth;
        var behind = (2 + ((depth - PerfectTrees.TopDepth) / PerfectTrees.TailDepth)) * Turn;
        byte* columns = trees.Columns, keys = trees.Keys, tails = trees.Tails;
        nint tailBytes = 2 * PerfectTrees.TailNodes * TAsk.RankBytes, stride = trees.TreeTails * tailBytes;
        var leaves = trees.Leaves - (1 << depth);
        var targets = trees.Targets;
        var sum = sums[0];
        for (var t = 0; t < count + behind; t += Turn)
        {
            if (t < count)
            {
                var to = bits + (t & (Ring - 1));
                for (var i = 0; i < Turn; i++, columns += PerfectTrees.Places * TAsk.RankBytes, keys += PerfectTrees.Places * TAsk.RankBytes)
                {
                    to[i] = row.Ask(columns, keys);
                }
            }

            if (t >= Turn && t < count + Turn)
            {
                Walk(bits + ((t - Turn) & (Ring - 1)), places + ((t - Turn) & (Ring - 1)), PerfectTrees.TopDepth);
            }

            // Tails counted by places, of which a level's first is a power of two: those of the next level lie twice that further back.
            var level = tails - (tailBytes << PerfectTrees.TopDepth);
            var back = tailBytes << (PerfectTrees.TopDepth + 1);
            for (var first = t - (2 * Turn); first > t - behind; first -= Turn, level -= back, back <<= PerfectTrees.TailDepth)
            {
                if (first >= 0 && first < count)
                {
                    GoDown(row, level + (first * stride), stride, places + (first & (Ring - 1)));
                }
            }

            if (t >= behind)
            {
                var first = t - behind;
                sum = AddLeaves(targets, first, Math.Min(Turn, count - first), leaves + ((nint)first << depth), depth, places + (first & (Ring - 1)), sum, sums);
            }
        }

        sums[0] = targets is null ? sum : sums[0];
    }

    // From place i to 2i, and one further where bit i is set.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Walk(ulong* bits, int* places, int levels)
    {
        var low = Vector512.LoadAligned(bits);
        var high = Vector512.LoadAligned(bits + Lanes);
        Vector512<ulong> one = Vector512<ulong>.One, i = one, j = one;
        for (var level = levels; level > 0; level--)
        {
            i = i + i + (Avx512F.ShiftRightLogicalVariable(low, i) & one);
            j = j + j + (Avx512F.ShiftRightLogicalVariable(high, j) & one);
        }

        Avx512F.ConvertToVector256Int32(i).StoreAligned(places);
        Avx512F.ConvertToVector256Int32(j).StoreAligned(places + Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GoDown(TAsk row, byte* tails, nint stride, int* places)
    {
        GoDown(places, row.AskTails(tails, stride, places));
        GoDown(places + Lanes, row.AskTails(tails + (Lanes * stride), stride, places + Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GoDown(int* places, Vector512<ulong> numbers) =>
        (Vector256.ShiftLeft(Vector256.LoadAligned(places), PerfectTrees.TailDepth) + Avx512F.ConvertToVector256Int32(numbers)).StoreAligned(places);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float AddLeaves(int[]? targets, int first, int trees, float* leaves, int depth, int* places, float sum, float* sums)
    {
        var stride = (nint)1 << depth;
        if (targets is not null)
        {
            for (var i = 0; i < trees; i++, leaves += stride)
            {
                sums[targets[first + i]] += leaves[places[i]];
            }

            return sum;
        }

        for (var i = 0; i < trees; i++, leaves += stride)
        {
            sum += leaves[places[i]];
        }

        return sum;
    }
}
