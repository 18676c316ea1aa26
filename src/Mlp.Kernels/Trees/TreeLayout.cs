namespace Mlp.Kernels;

/// <summary>An ensemble's shape, and the layout that was chosen for it.</summary>
/// <param name="Trees">Trees.</param>
/// <param name="Depth">Questions on the longest way down.</param>
/// <param name="Leaves">Leaves of all trees.</param>
/// <param name="Thresholds">Distinct thresholds of each column that a walk reads, in the order of <see cref="PackedTrees.RowLength"/>.</param>
/// <param name="Ways">The walks that take rows, most rows first.</param>
public sealed record TreeLayout(int Trees, int Depth, long Leaves, IReadOnlyList<int> Thresholds, IReadOnlyList<TreeWay> Ways)
{
    internal static TreeLayout Of(PackedTrees trees, ReadOnlySpan<TreeStride> strides)
    {
        var ways = new TreeWay[strides.Length];
        for (var i = 0; i < ways.Length; i++)
        {
            var stride = strides[i];
            ways[i] = new TreeWay(stride.Walk.Name, stride.RowsMin, stride.Walk.Bytes(trees), stride.Nanoseconds);
        }

        var leaves = 0L;
        foreach (var count in trees.Shape.Leaves)
        {
            leaves += count;
        }

        return new TreeLayout(trees.Roots.Length, trees.Shape.Depth, leaves, ThresholdsOf(trees), ways);
    }

    private static int[] ThresholdsOf(PackedTrees trees)
    {
        var distinct = new HashSet<(int Column, float Threshold)>();
        var counts = new int[trees.RowLength];
        for (var i = 0; i < trees.Nodes.Length; i++)
        {
            ref readonly var node = ref trees.Nodes[i];
            var column = node.Feature & ~PackedNode.MissingGoesTrue;
            if (node.Child != i && distinct.Add((column, node.Threshold)))
            {
                counts[column]++;
            }
        }

        return counts;
    }
}

/// <summary>A walk that takes rows.</summary>
/// <param name="Walk">Its name.</param>
/// <param name="RowsMin">Rows from which it is taken.</param>
/// <param name="Bytes">What it reads of the trees.</param>
/// <param name="NanosecondsPerRow">What a row took in the trial; 0 where nothing was measured.</param>
public readonly record struct TreeWay(string Walk, int RowsMin, long Bytes, double NanosecondsPerRow);
