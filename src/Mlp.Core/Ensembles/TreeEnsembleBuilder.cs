namespace Mlp.Core;

/// <summary>
/// Makes a <see cref="TreeEnsemble"/>. Every loader and every trainer's adapter calls this one builder, so what it refuses is
/// refused everywhere, with the tree and the node in the message.
/// </summary>
/// <example><c>builder.BeginTree().Branch(NodeMode.LessOrEqual, feature: 0, threshold: 0.5f, trueChild: 1, falseChild: 2).Leaf(1f).Leaf(-1f);</c></example>
public sealed class TreeEnsembleBuilder
{
    /// <summary>Most nodes in an ensemble.</summary>
    public const int NodesMax = 1 << 26;

    private readonly int _featureCount;
    private readonly int _targetCount;
    private readonly List<int> _roots = [];
    private readonly List<TreeNode> _nodes = [];
    private readonly List<LeafWeight> _weights = [];

    /// <summary>Begins an ensemble.</summary>
    /// <param name="featureCount">Elements of a row.</param>
    /// <param name="targetCount">Numbers that a row gives; 1 for a regression and for a classifier of two classes.</param>
    public TreeEnsembleBuilder(int featureCount, int targetCount = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(featureCount);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(targetCount);
        _featureCount = featureCount;
        _targetCount = targetCount;
    }

    /// <summary>Trees begun so far.</summary>
    public int TreeCount => _roots.Count;

    /// <summary>Begins the next tree; the node added next is its root.</summary>
    /// <exception cref="MlpException">The tree before it is not one.</exception>
    public TreeEnsembleBuilder BeginTree()
    {
        CheckLastTree();
        _roots.Add(_nodes.Count);
        return this;
    }

    /// <summary>Adds a node with a question. Children are counted from the tree's root, which is 0.</summary>
    /// <exception cref="MlpException">Feature, threshold or child cannot be.</exception>
    public TreeEnsembleBuilder Branch(NodeMode mode, int feature, float threshold, int trueChild, int falseChild, bool missingGoesTrue = false)
    {
        var node = NextNode();
        if (mode is NodeMode.Leaf or > NodeMode.NotEqual)
        {
            throw Invalid(node, $"mode {mode} for a node with children");
        }

        if ((uint)feature >= (uint)_featureCount)
        {
            throw Invalid(node, $"feature {feature} of {_featureCount}");
        }

        if (float.IsNaN(threshold))
        {
            throw Invalid(node, "a threshold that is NaN");
        }

        if (trueChild < 0 || falseChild < 0)
        {
            throw Invalid(node, $"children {trueChild} and {falseChild}");
        }

        var root = _roots[^1];
        _nodes.Add(TreeNode.Branch(mode, feature, threshold, checked(root + trueChild), checked(root + falseChild), missingGoesTrue));
        return this;
    }

    /// <summary>Adds a leaf with one weight for target 0.</summary>
    public TreeEnsembleBuilder Leaf(float weight) => Leaf([new LeafWeight(0, weight)]);

    /// <summary>Adds a leaf with weights for any of the targets.</summary>
    /// <exception cref="MlpException">A target is none.</exception>
    public TreeEnsembleBuilder Leaf(ReadOnlySpan<LeafWeight> weights)
    {
        var node = NextNode();
        foreach (var weight in weights)
        {
            if ((uint)weight.Target >= (uint)_targetCount)
            {
                throw Invalid(node, $"a weight for target {weight.Target} of {_targetCount}");
            }
        }

        _nodes.Add(TreeNode.Leaf(_weights.Count, weights.Length));
        _weights.AddRange(weights);
        return this;
    }

    /// <summary>Checks the last tree and gives the ensemble.</summary>
    /// <param name="aggregate">How leaves become one number a target.</param>
    /// <param name="postTransform">What follows.</param>
    /// <param name="baseValues">Added to each target; empty for zeros.</param>
    /// <exception cref="MlpException">There is no tree, the last one is none, or the number of base values is wrong.</exception>
    public TreeEnsemble Build(EnsembleAggregate aggregate = EnsembleAggregate.Sum, PostTransform postTransform = PostTransform.None, params ReadOnlySpan<float> baseValues)
    {
        CheckLastTree();
        if (_roots.Count == 0)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, "The ensemble has no tree.");
        }

        if (baseValues.Length != 0 && baseValues.Length != _targetCount)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"The ensemble has {baseValues.Length} base values; expected none or {_targetCount}, one a target.");
        }

        return new TreeEnsemble(_featureCount, _targetCount, [.. _roots], [.. _nodes], [.. _weights], baseValues.Length == 0 ? new float[_targetCount] : baseValues.ToArray(), aggregate, postTransform);
    }

    private int NextNode()
    {
        if (_roots.Count == 0)
        {
            throw new InvalidOperationException("BeginTree comes before the first node.");
        }

        return _nodes.Count < NodesMax
            ? _nodes.Count - _roots[^1]
            : throw new MlpException(ErrorCodes.ModelInvalid, $"The ensemble has more than {NodesMax} nodes.");
    }

    // A set of nodes in which the root has no parent, every other node exactly one, and all are reached from the root, is a tree.
    private void CheckLastTree()
    {
        if (_roots.Count == 0)
        {
            return;
        }

        var root = _roots[^1];
        var count = _nodes.Count - root;
        if (count == 0)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"Tree {_roots.Count - 1} has no node.");
        }

        var seen = new bool[count];
        var waiting = new Stack<int>();
        waiting.Push(0);
        seen[0] = true;
        var reached = 0;
        while (waiting.TryPop(out var index))
        {
            reached++;
            var node = _nodes[root + index];
            if (node.Mode == NodeMode.Leaf)
            {
                continue;
            }

            foreach (var child in (ReadOnlySpan<int>)[node.TrueChild - root, node.FalseChild - root])
            {
                if (child >= count)
                {
                    throw Invalid(index, $"child {child} of {count} nodes");
                }

                if (seen[child])
                {
                    throw Invalid(index, $"child {child}, which has another parent or is its own ancestor");
                }

                seen[child] = true;
                waiting.Push(child);
            }
        }

        if (reached != count)
        {
            throw Invalid(Array.IndexOf(seen, false), "no parent");
        }
    }

    private MlpException Invalid(int node, string found) =>
        new(ErrorCodes.ModelInvalid, $"Tree {_roots.Count - 1}, node {node} has {found}.");
}
