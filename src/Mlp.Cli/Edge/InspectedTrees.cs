using Mlp.Core;
using Mlp.Kernels;

namespace Mlp.Cli.Edge;

/// <summary>What is told of an ensemble.</summary>
/// <param name="Name">Its node in the graph, or the trainer's name of it.</param>
/// <param name="Ensemble">The trees.</param>
/// <param name="Layout">How they are walked; null where only the plain walk can.</param>
internal sealed record InspectedTrees(string Name, TreeEnsemble Ensemble, TreeLayout? Layout)
{
    /// <summary>Questions on the longest way down.</summary>
    public int Depth { get; } = DepthOf(Ensemble);

    /// <summary>Leaves of all trees.</summary>
    public int Leaves { get; } = LeavesOf(Ensemble);

    /// <summary>Features that are asked for, by how many distinct thresholds they have, most first; of sets of categories each counts.</summary>
    public IReadOnlyList<FeatureThresholds> Features { get; } = FeaturesOf(Ensemble);

    private static int DepthOf(TreeEnsemble ensemble)
    {
        var deepest = 0;
        var open = new Stack<(int Node, int Depth)>();
        foreach (var root in ensemble.Roots)
        {
            open.Push((root, 0));
            while (open.TryPop(out var at))
            {
                var node = ensemble.Nodes[at.Node];
                deepest = Math.Max(deepest, at.Depth);
                if (node.Mode != NodeMode.Leaf)
                {
                    open.Push((node.TrueChild, at.Depth + 1));
                    open.Push((node.FalseChild, at.Depth + 1));
                }
            }
        }

        return deepest;
    }

    private static int LeavesOf(TreeEnsemble ensemble)
    {
        var leaves = 0;
        foreach (ref readonly var node in ensemble.Nodes)
        {
            leaves += node.Mode == NodeMode.Leaf ? 1 : 0;
        }

        return leaves;
    }

    private static FeatureThresholds[] FeaturesOf(TreeEnsemble ensemble)
    {
        var nodes = new int[ensemble.FeatureCount];
        var thresholds = new HashSet<(int Feature, double Threshold)>();
        var counts = new int[ensemble.FeatureCount];
        foreach (ref readonly var node in ensemble.Nodes)
        {
            if (node.Mode != NodeMode.Leaf)
            {
                nodes[node.Feature]++;
                counts[node.Feature] += node.Mode == NodeMode.Member || thresholds.Add((node.Feature, node.Threshold)) ? 1 : 0;
            }
        }

        var names = ensemble.Output.FeatureNames;
        return
        [
            .. Enumerable.Range(0, nodes.Length).Where(f => nodes[f] > 0).OrderByDescending(f => counts[f]).ThenBy(f => f)
                .Select(f => new FeatureThresholds(f, f < names.Count ? names[f] : $"f{f}", counts[f], nodes[f])),
        ];
    }
}

/// <summary>How often a feature is asked for.</summary>
/// <param name="Index">In a row.</param>
/// <param name="Name">Its name.</param>
/// <param name="Thresholds">Distinct ones.</param>
/// <param name="Nodes">Nodes that ask for it.</param>
internal readonly record struct FeatureThresholds(int Index, string Name, int Thresholds, int Nodes);
