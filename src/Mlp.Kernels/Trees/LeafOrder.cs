namespace Mlp.Kernels;

/// <summary>A tree's leaves from left to right, and for each branch the leaves behind its yes.</summary>
internal static class LeafOrder
{
    /// <summary>Walks a tree in order; by hand, not by recursion: a tree may be a chain.</summary>
    public static (List<int> Leaves, List<(int Node, int From, int To)> Branches) Of(ReadOnlySpan<PackedNode> nodes, int root)
    {
        var leaves = new List<int>();
        var branches = new List<(int Node, int From, int To)>();
        var open = new Stack<(int Node, int From)>();
        open.Push((root, -1));
        while (open.TryPop(out var top))
        {
            ref readonly var node = ref nodes[top.Node];
            if (node.Child == top.Node)
            {
                leaves.Add(top.Node);
            }
            else if (top.From < 0)
            {
                open.Push((top.Node, leaves.Count));
                open.Push((node.Child, -1));
            }
            else
            {
                branches.Add((top.Node, top.From, leaves.Count));
                open.Push((node.Child + 1, -1));
            }
        }

        return (leaves, branches);
    }
}
