using Microsoft.ML.Trainers.FastTree;
using Mlp.Core;

namespace Mlp.MLNet;

/// <summary>
/// One of ML.NET's trees as nodes of an ensemble. Its walk is <c>InternalRegressionTree.GetLeaf</c>: left where <c>x &lt;= threshold</c>, or where
/// of a set of columns none is above zero.
/// </summary>
internal sealed class TreeNodes(RegressionTreeBase tree, TreeEnsembleBuilder builder, int target, double scale)
{
    /// <summary>Most nodes that a tree may become where it splits by sets.</summary>
    public const int NodesMax = 1 << 20;

    private const int DepthMax = 1000;

    private readonly int _inner = tree.NumberOfNodes;
    private readonly float[]? _defaults = HiddenParts.DefaultsOf(tree);
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<int, bool> _known = [];

    public void Add()
    {
        builder.BeginTree();
        if (_inner == 0)
        {
            // What was never split has no answer.
            builder.Leaf([new LeafWeight(target, 0)]);
        }
        else if (!tree.CategoricalSplitFlags.Take(_inner).Contains(true))
        {
            AddAsItIs();
        }
        else
        {
            Expand(0, depth: 0);
            AddExpanded();
        }
    }

    // Inner nodes keep their index; leaf i of the tree becomes node (number of inner nodes + i). A child below zero is the leaf ~child.
    private void AddAsItIs()
    {
        for (var node = 0; node < _inner; node++)
        {
            builder.Branch(
                NodeMode.LessOrEqual,
                tree.NumericalSplitFeatureIndexes[node],
                tree.NumericalSplitThresholds[node],
                Child(tree.LeftChild[node]),
                Child(tree.RightChild[node]),
                MissingGoesLeft(node));
        }

        for (var leaf = 0; leaf < tree.NumberOfLeaves; leaf++)
        {
            builder.Leaf([new LeafWeight(target, tree.LeafValues[leaf] * scale)]);
        }
    }

    private int Child(int child) => child >= 0 ? child : _inner + ~child;

    private bool MissingGoesLeft(int node) => _defaults is not null && _defaults[node] <= tree.NumericalSplitThresholds[node];

    // Gives the index among the new nodes.
    private int Expand(int child, int depth)
    {
        if (depth > DepthMax)
        {
            throw Invalid($"more than {DepthMax} levels");
        }

        if (child < 0)
        {
            return Append(new Node { Weight = tree.LeafValues[~child] * scale });
        }

        if (tree.CategoricalSplitFlags[child])
        {
            return ExpandSet(child, depth);
        }

        var index = Append(new Node { Mode = NodeMode.LessOrEqual, Feature = tree.NumericalSplitFeatureIndexes[child], Threshold = tree.NumericalSplitThresholds[child], MissingGoesTrue = MissingGoesLeft(child) });
        _nodes[index].TrueChild = Expand(tree.LeftChild[child], depth + 1);
        _nodes[index].FalseChild = Expand(tree.RightChild[child], depth + 1);
        return index;
    }

    // A column a question, the right side behind each yes. What is known of a column from above is not asked again.
    private int ExpandSet(int child, int depth)
    {
        var nanIsAbove = _defaults is not null && _defaults[child] > 0;
        var asked = new List<int>();
        foreach (var column in tree.GetCategoricalSplitFeaturesAt(child))
        {
            if (nanIsAbove || !_known.TryGetValue(column, out var isAbove))
            {
                asked.Add(column);
            }
            else if (isAbove)
            {
                return Expand(tree.RightChild[child], depth + 1);
            }
        }

        Node? last = null;
        var first = -1;
        foreach (var column in asked)
        {
            var index = Append(new Node { Mode = NodeMode.Greater, Feature = column, MissingGoesTrue = nanIsAbove });
            first = first < 0 ? index : first;
            last?.FalseChild = index;
            last = _nodes[index];
            Learn(column, true, nanIsAbove);
            last.TrueChild = Expand(tree.RightChild[child], depth + 1);
            Learn(column, false, nanIsAbove);
        }

        var left = Expand(tree.LeftChild[child], depth + 1);
        foreach (var column in nanIsAbove ? [] : asked)
        {
            _known.Remove(column);
        }

        last?.FalseChild = left;
        return first < 0 ? left : first;
    }

    // What NaN answers belongs to the node, so only the usual answer is remembered.
    private void Learn(int column, bool isAbove, bool nanIsAbove)
    {
        if (!nanIsAbove)
        {
            _known[column] = isAbove;
        }
    }

    private int Append(Node node)
    {
        _nodes.Add(_nodes.Count < NodesMax ? node : throw Invalid($"splits by sets of categories that become more than {NodesMax} nodes; train with fewer leaves or without them (CategoricalSplit = false)"));
        return _nodes.Count - 1;
    }

    private void AddExpanded()
    {
        foreach (var node in _nodes)
        {
            if (node.Mode == NodeMode.Leaf)
            {
                builder.Leaf([new LeafWeight(target, node.Weight)]);
            }
            else
            {
                builder.Branch(node.Mode, node.Feature, node.Threshold, node.TrueChild, node.FalseChild, node.MissingGoesTrue);
            }
        }
    }

    private MlpException Invalid(string found) => new(ErrorCodes.ModelInvalid, $"Tree {builder.TreeCount - 1} has {found}.");

    private sealed class Node
    {
        public NodeMode Mode { get; init; }

        public int Feature { get; init; }

        public float Threshold { get; init; }

        public bool MissingGoesTrue { get; init; }

        public int TrueChild { get; set; }

        public int FalseChild { get; set; }

        public double Weight { get; init; }
    }
}
