using Microsoft.ML.Trainers.FastTree;
using Mlp.Core;

namespace Mlp.MLNet;

/// <summary>A generalised additive model's shape functions, each a tree over one feature: which bin is its value in.</summary>
internal static class GamTrees
{
    public static void Add(GamModelParametersBase model, TreeEnsembleBuilder builder, int target, double scale)
    {
        var (features, bounds, effects) = HiddenParts.ShapesOf(model);

        // The score adds them in the order of features.
        foreach (var shape in Enumerable.Range(0, features.Length).OrderBy(shape => features[shape]))
        {
            builder.BeginTree();
            AddBins(builder, features[shape], bounds[shape], effects[shape], target, scale);
        }
    }

    // A balanced tree: the first bin whose upper bound is not below the value, which is the very first for NaN. Nodes come in the order of a walk that takes yes first.
    private static void AddBins(TreeEnsembleBuilder builder, int feature, double[] bounds, double[] effects, int target, double scale)
    {
        var waiting = new Stack<(int First, int Count)>();
        waiting.Push((0, effects.Length));
        var next = 0;
        while (waiting.TryPop(out var bins))
        {
            if (bins.Count == 1)
            {
                builder.Leaf([new LeafWeight(target, effects[bins.First] * scale)]);
                next++;
                continue;
            }

            // A tree of n leaves has 2n − 1 nodes: behind this node all of the yes side lies, then the no side.
            var left = bins.Count / 2;
            builder.Branch(NodeMode.LessOrEqual, feature, bounds[bins.First + left - 1], next + 1, next + (2 * left), missingGoesTrue: true);
            waiting.Push((bins.First + left, bins.Count - left));
            waiting.Push((bins.First, left));
            next++;
        }
    }
}
