namespace Mlp.Kernels;

/// <summary>Depths and numbers of leaves, by which the layouts are chosen.</summary>
internal sealed class TreeShape
{
    /// <summary>Measures all trees, without walking them: children stand behind their parents.</summary>
    public TreeShape(PackedTrees trees)
    {
        var nodes = trees.Nodes;
        var depths = new int[nodes.Length];
        var leaves = new int[nodes.Length];
        for (var i = nodes.Length - 1; i >= 0; i--)
        {
            var child = nodes[i].Child;
            if (child == i)
            {
                leaves[i] = 1;
                continue;
            }

            depths[i] = 1 + Math.Max(depths[child], depths[child + 1]);

            // Branches that share children, which nothing forbids, may have more ways than can be counted.
            leaves[i] = (int)Math.Min(int.MaxValue, (long)leaves[child] + leaves[child + 1]);
        }

        Depths = new int[trees.Roots.Length];
        Leaves = new int[trees.Roots.Length];
        for (var t = 0; t < Depths.Length; t++)
        {
            Depths[t] = depths[trees.Roots[t]];
            Leaves[t] = leaves[trees.Roots[t]];
            Depth = Math.Max(Depth, Depths[t]);
            LeavesMax = Math.Max(LeavesMax, Leaves[t]);
        }
    }

    /// <summary>Questions on the longest way down each tree.</summary>
    public int[] Depths { get; }

    /// <summary>Leaves of each tree.</summary>
    public int[] Leaves { get; }

    /// <summary>The deepest tree's.</summary>
    public int Depth { get; }

    /// <summary>Leaves of the tree that has most.</summary>
    public int LeavesMax { get; }
}
