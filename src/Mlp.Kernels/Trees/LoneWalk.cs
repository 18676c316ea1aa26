using System.Runtime.CompilerServices;

namespace Mlp.Kernels;

/// <summary>One row down <see cref="PerfectTrees"/>, a tree after the other: where vectors have no shift by lane, the walk over a tree's bits is done by the integer unit.</summary>
internal static unsafe class LoneWalk<TAsk>
    where TAsk : struct, ILoneAskBytes<TAsk>
{
    private const int TailBytes = 2 * PerfectTrees.TailNodes;

    /// <summary>Adds the leaves that a row reaches to its sums.</summary>
    /// <param name="trees">The trees.</param>
    /// <param name="ranks">The row's ranks.</param>
    /// <param name="sums">One a target.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(PerfectTrees trees, byte* ranks, float* sums)
    {
        var row = TAsk.Load(ranks);
        int depth = trees.Depth, top = Math.Min(depth, PerfectTrees.TopDepth), treeTails = trees.TreeTails;
        byte* columns = trees.Columns, keys = trees.Keys, tails = trees.Tails;
        var leaves = trees.Leaves - (1 << depth);
        for (var t = 0; t < trees.TreeCount; t++, columns += PerfectTrees.Places, keys += PerfectTrees.Places, tails += treeTails * TailBytes, leaves += 1 << depth)
        {
            var bits = row.Ask(columns, keys);
            var place = 1;
            for (var level = 0; level < top; level++)
            {
                place = (2 * place) + (int)((bits >> place) & 1);
            }

            for (var level = top; level < depth; level += PerfectTrees.TailDepth)
            {
                var tail = PerfectTrees.FirstTail(level) + place - (1 << level);
                place = (4 * place) + LoneTails.Number(ranks, tails + (tail * TailBytes));
            }

            sums[trees.Targets is null ? 0 : trees.Targets[t]] += leaves[place];
        }

        GC.KeepAlive(trees);
    }
}
