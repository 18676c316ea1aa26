using System.Runtime.CompilerServices;

namespace Mlp.Kernels;

/// <summary>One row down <see cref="PerfectTrees"/>, a tree after the other: where vectors have no shift by lane, the walk over a tree's bits is done by the integer unit.</summary>
internal static unsafe class LoneWalk<TAsk>
    where TAsk : struct, ILoneAsk<TAsk>
{
    private const int WordsMax = 1 << (PerfectTrees.DepthMax - PerfectTrees.WordDepth);

    /// <summary>Adds the leaves that a row reaches to its sums.</summary>
    /// <param name="trees">The trees.</param>
    /// <param name="ranks">The row's ranks.</param>
    /// <param name="sums">One a target.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(PerfectTrees trees, byte* ranks, float* sums)
    {
        var bits = stackalloc ulong[WordsMax];
        var row = TAsk.Load(ranks);
        int depth = trees.Depth, top = Math.Min(depth, PerfectTrees.WordDepth);
        byte* columns = trees.Columns, keys = trees.Keys;
        var leaves = trees.Leaves - (1 << depth);
        for (var t = 0; t < trees.TreeCount; t++, leaves += 1 << depth)
        {
            for (var word = 0; word < trees.Words; word++, columns += TAsk.WordBytes, keys += TAsk.WordBytes)
            {
                bits[word] = row.Ask(columns, keys);
            }

            var first = bits[0];
            var place = 1;
            for (var level = 0; level < top; level++)
            {
                place = (2 * place) + (int)((first >> place) & 1);
            }

            for (var level = top; level < depth; level++)
            {
                place = (2 * place) + (int)((bits[place / PerfectTrees.WordPlaces] >> place) & 1);
            }

            sums[trees.Targets is null ? 0 : trees.Targets[t]] += leaves[place];
        }
    }
}
