using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Mlp.Kernels;

/// <summary>
/// One row down <see cref="PerfectTrees"/>, sixteen trees a turn and three turns at work: the questions of these sixteen are asked
/// while the sixteen before are walked (eight to a vector) and the leaves of those before them are added. So neither the store of
/// the bits, nor the walk, nor the sum, which has to be made in the order of the trees, makes anything else wait.
/// </summary>
internal static unsafe class LoneWalkAvx512<TAsk>
    where TAsk : struct, ILoneAsk<TAsk>
{
    private const int Turn = PerfectTrees.TreesAligned;
    private const int Lanes = 8;

    // Turns in the rings, a power of two: the one that is written and the two behind it.
    private const int Ring = 4 * Turn;

    /// <summary>Adds the leaves that a row reaches to its sums.</summary>
    /// <param name="trees">The trees.</param>
    /// <param name="ranks">The row's ranks.</param>
    /// <param name="sums">One a target.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(PerfectTrees trees, byte* ranks, float* sums)
    {
        var memory = stackalloc byte[(Ring * sizeof(ulong) * 4) + (Ring * sizeof(int)) + AlignedBlock.Line];
        var bits = (ulong*)(((nuint)memory + AlignedBlock.Line - 1) & ~(nuint)(AlignedBlock.Line - 1));
        var reached = (int*)(bits + (4 * Ring));
        var row = TAsk.Load(ranks);
        int count = trees.TreeCount, depth = trees.Depth, words = trees.Words, wordBytes = TAsk.WordBytes;
        byte* columns = trees.Columns, keys = trees.Keys;
        var leaves = trees.Leaves - (1 << depth);
        var sum = sums[0];
        for (var t = 0; t < count + (2 * Turn); t += Turn)
        {
            if (t < count)
            {
                var to = bits + (t % Ring);
                if (words == 1)
                {
                    for (var i = 0; i < Turn; i++, columns += wordBytes, keys += wordBytes)
                    {
                        to[i] = row.Ask(columns, keys);
                    }
                }
                else
                {
                    for (var i = 0; i < Turn; i++)
                    {
                        for (var word = 0; word < words; word++, columns += wordBytes, keys += wordBytes)
                        {
                            to[i + (word * Ring)] = row.Ask(columns, keys);
                        }
                    }
                }
            }

            if (t >= Turn && t < count + Turn)
            {
                Walk(bits + ((t - Turn) % Ring), reached + ((t - Turn) % Ring), depth);
            }

            if (t >= 2 * Turn)
            {
                var first = t - (2 * Turn);
                var turn = Math.Min(Turn, count - first);
                var at = reached + (first % Ring);
                if (trees.Targets is null)
                {
                    for (var i = 0; i < turn; i++, leaves += 1 << depth)
                    {
                        sum += leaves[at[i]];
                    }
                }
                else
                {
                    for (var i = 0; i < turn; i++, leaves += 1 << depth)
                    {
                        sums[trees.Targets[first + i]] += leaves[at[i]];
                    }
                }
            }
        }

        if (trees.Targets is null)
        {
            sums[0] = sum;
        }
    }

    // From place i to 2i, and one further where bit i is set.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Walk(ulong* bits, int* reached, int depth)
    {
        var low = Vector512.LoadAligned(bits);
        var high = Vector512.LoadAligned(bits + Lanes);
        Vector512<ulong> i = Vector512<ulong>.One, j = i;
        for (var level = Math.Min(depth, PerfectTrees.WordDepth); level > 0; level--)
        {
            i = Step(low, i, i);
            j = Step(high, j, j);
        }

        if (depth > PerfectTrees.WordDepth)
        {
            var inside = Vector512.Create<ulong>(PerfectTrees.WordPlaces - 1);
            i = Step(Vector512.LoadAligned(bits + Ring), i & inside, i);
            j = Step(Vector512.LoadAligned(bits + Ring + Lanes), j & inside, j);
            if (depth > PerfectTrees.WordDepth + 1)
            {
                i = Step(Deepest(bits, i), i & inside, i);
                j = Step(Deepest(bits + Lanes, j), j & inside, j);
            }
        }

        Avx512F.ConvertToVector256Int32(i).StoreAligned(reached);
        Avx512F.ConvertToVector256Int32(j).StoreAligned(reached + Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Step(Vector512<ulong> bits, Vector512<ulong> bit, Vector512<ulong> place) =>
        place + place + (Avx512F.ShiftRightLogicalVariable(bits, bit) & Vector512<ulong>.One);

    // Places 128 to 191 are in word 2, the others in word 3.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Deepest(ulong* bits, Vector512<ulong> place) =>
        Vector512.ConditionalSelect(
            Vector512.GreaterThanOrEqual(place, Vector512.Create<ulong>(3 * PerfectTrees.WordPlaces)),
            Vector512.LoadAligned(bits + (3 * Ring)),
            Vector512.LoadAligned(bits + (2 * Ring)));
}
