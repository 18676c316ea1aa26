using Mlp.Core;
using Mlp.Kernels;

namespace Mlp.Edge;

/// <summary>Turns the neutral ensemble into the kernels' layout, where it has one.</summary>
internal static class EnsemblePacking
{
    /// <summary>Packs an ensemble of floats and one target whose leaves are summed and whose questions are comparisons; null for any other.</summary>
    public static PackedTrees? TryPack(TreeEnsemble ensemble)
    {
        if (ensemble.TargetCount != 1 || ensemble.Aggregate is EnsembleAggregate.Min or EnsembleAggregate.Max
            || ensemble.Input != ElementType.Float32 || ensemble.Sum != ElementType.Float32 || ensemble.HasLinearLeaves
            || (ensemble.Output.SumFromBase && ensemble.BaseValues[0] != 0))
        {
            return null;
        }

        foreach (ref readonly var node in ensemble.Nodes)
        {
            if (node.Mode is NodeMode.Equal or NodeMode.NotEqual or NodeMode.Member || node.ZeroIsMissing
                || (node.Mode is NodeMode.Less or NodeMode.GreaterOrEqual && double.IsNegativeInfinity(node.Threshold)))
            {
                return null;
            }
        }

        var packed = new List<PackedNode>(ensemble.Nodes.Length + 1);
        var roots = new int[ensemble.Roots.Length];
        for (var t = 0; t < roots.Length; t++)
        {
            roots[t] = packed.Count;
            PackTree(ensemble, ensemble.Roots[t], packed);
        }

        return new PackedTrees([.. packed], roots, ensemble.FeatureCount);
    }

    // Breadth first: the nodes that most rows visit lie together, and a child comes after its parent.
    private static void PackTree(TreeEnsemble ensemble, int root, List<PackedNode> packed)
    {
        var waiting = new Queue<(int Source, int Place)>();
        packed.Add(default);
        waiting.Enqueue((root, packed.Count - 1));
        while (waiting.TryDequeue(out var next))
        {
            ref readonly var node = ref ensemble.Nodes[next.Source];
            if (node.Mode == NodeMode.Leaf)
            {
                packed[next.Place] = Leaf(ensemble, node, next.Place);
                continue;
            }

            var child = packed.Count;
            packed.Add(default);
            packed.Add(default);

            // x < t is x <= the float below t; x > t and x >= t are the same two with yes and no exchanged.
            var exclusive = node.Mode is NodeMode.Less or NodeMode.GreaterOrEqual;
            var exchanged = node.Mode is NodeMode.Greater or NodeMode.GreaterOrEqual;
            packed[next.Place] = new PackedNode
            {
                Threshold = exclusive ? MathF.BitDecrement((float)node.Threshold) : (float)node.Threshold,
                Feature = node.Feature | (node.MissingGoesTrue != exchanged ? PackedNode.MissingGoesTrue : 0),
                Child = child,
            };
            waiting.Enqueue((exchanged ? node.FalseChild : node.TrueChild, child));
            waiting.Enqueue((exchanged ? node.TrueChild : node.FalseChild, child + 1));
        }
    }

    private static PackedNode Leaf(TreeEnsemble ensemble, in TreeNode node, int place)
    {
        var value = 0f;
        foreach (var weight in ensemble.WeightsOf(node))
        {
            value += (float)weight.Weight;
        }

        return new PackedNode { Threshold = float.PositiveInfinity, Feature = PackedNode.MissingGoesTrue, Child = place, Value = value };
    }
}
