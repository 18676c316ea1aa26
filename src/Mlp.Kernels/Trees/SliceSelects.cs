using System.Runtime.CompilerServices;

namespace Mlp.Kernels;

/// <summary>Runs the selects of a tree of <see cref="SlicedTrees"/>: as its program says, or, for a perfect tree, as its depth says.</summary>
internal static unsafe class SliceSelects<TBits>
    where TBits : struct, ISliceBits<TBits>
{
    /// <summary>Runs a program.</summary>
    /// <param name="lines">The buffer.</param>
    /// <param name="step">The first, as in <see cref="SlicedTrees.Steps"/>.</param>
    /// <param name="end">Behind the last.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ulong* lines, ulong* step, ulong* end)
    {
        for (; step < end; step++)
        {
            var numbers = *step;
            var yes = TBits.Load(lines, (ushort)(numbers >> 32));
            var no = TBits.Load(lines, (ushort)(numbers >> 48));
            TBits.Store(lines, (ushort)(numbers >> 16), TBits.Select(TBits.Load(lines, (ushort)numbers), no, yes));
        }
    }

    /// <summary>Runs a perfect tree: four levels at a time in registers from the leaves, then pair by pair to the root.</summary>
    /// <param name="lines">The buffer; the slices, highest first, end in the lines from <see cref="SlicedTrees.FirstValue"/>.</param>
    /// <param name="answers">The line of each node's answers; node i stands at i, its children at 2i and 2i + 1.</param>
    /// <param name="depth">Levels, at least <see cref="SlicedTrees.PerfectDepthMin"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RunPerfect(ulong* lines, ushort* answers, int depth)
    {
        const int Area = SlicedTrees.Slices;
        var bases = 1 << (depth - SlicedTrees.PerfectDepthMin);
        for (var b = 0; b < bases; b++)
        {
            Four(lines, answers, bases + b, SlicedTrees.FirstValue + (b * Area));
        }

        // A pair's slices: the answers above, and below them one side's or the other's, one line further down.
        for (int height = SlicedTrees.PerfectDepthMin, apart = 1, nodes = bases / 2; nodes > 0; height++, apart *= 2, nodes /= 2)
        {
            for (var n = 0; n < nodes; n++)
            {
                var yes = SlicedTrees.FirstValue + (2 * n * apart * Area);
                var no = yes + (apart * Area);
                var answer = TBits.Load(lines, answers[nodes + n]);
                for (var slice = height - 1; slice >= 0; slice--)
                {
                    TBits.Store(lines, yes + slice + 1, TBits.Select(answer, TBits.Load(lines, no + slice), TBits.Load(lines, yes + slice)));
                }

                TBits.Store(lines, yes, answer);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(ulong* lines, ushort* answers, int root, int to)
    {
        TBits top = TBits.Load(lines, answers[root]), left = TBits.Load(lines, answers[2 * root]), right = TBits.Load(lines, answers[(2 * root) + 1]);
        TBits.Store(lines, to, top);
        TBits.Store(lines, to + 1, TBits.Select(top, right, left));
        Two(lines, answers, 4 * root, left, out var leftUpper, out var leftLower);
        Two(lines, answers, (4 * root) + 2, right, out var rightUpper, out var rightLower);
        TBits.Store(lines, to + 2, TBits.Select(top, rightUpper, leftUpper));
        TBits.Store(lines, to + 3, TBits.Select(top, rightLower, leftLower));
    }

    // The two lowest slices below a node whose children stand at `child`.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Two(ulong* lines, ushort* answers, int child, TBits answer, out TBits upper, out TBits lower)
    {
        TBits yes = TBits.Load(lines, answers[child]), no = TBits.Load(lines, answers[child + 1]);
        upper = TBits.Select(answer, no, yes);
        lower = TBits.Select(
            answer,
            TBits.Select(no, TBits.Load(lines, answers[(2 * child) + 3]), TBits.Load(lines, answers[(2 * child) + 2])),
            TBits.Select(yes, TBits.Load(lines, answers[(2 * child) + 1]), TBits.Load(lines, answers[2 * child])));
    }
}
