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

    /// <summary>Most targets of an ensemble.</summary>
    public const int TargetsMax = 1 << 20;

    /// <summary>Most weights of all leaves, and most coefficients of all linear leaves.</summary>
    public const int WeightsMax = 1 << 27;

    /// <summary>Most words of 64 categories in all sets.</summary>
    public const int SetWordsMax = 1 << 24;

    /// <summary>Categories of a set are below this; as XGBoost's, so that each is a float.</summary>
    public const int CategoriesMax = 1 << 24;

    private readonly int _featureCount;
    private readonly int _targetCount;
    private readonly ElementType _input;
    private readonly ElementType _sum;
    private readonly List<int> _roots = [];
    private readonly List<TreeNode> _nodes = [];
    private readonly List<LeafWeight> _weights = [];
    private readonly List<ulong> _setWords = [];
    private readonly List<int> _setEnds = [];
    private readonly List<LeafCoefficient> _coefficients = [];
    private readonly List<int> _coefficientEnds = [];
    private readonly List<double> _constants = [];

    /// <summary>Begins an ensemble.</summary>
    /// <param name="featureCount">Elements of a row.</param>
    /// <param name="targetCount">Numbers that a row gives; 1 for a regression and for a classifier of two classes.</param>
    /// <param name="input">
    /// The type of rows, <see cref="ElementType.Float32"/> or <see cref="ElementType.Float64"/>. For rows of floats a threshold that is no float is
    /// rounded so that every float decides alike.
    /// </param>
    /// <param name="sum">The type leaves are summed in, <see cref="ElementType.Float32"/> or <see cref="ElementType.Float64"/>; weights are rounded to it.</param>
    public TreeEnsembleBuilder(int featureCount, int targetCount = 1, ElementType input = ElementType.Float32, ElementType sum = ElementType.Float32)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(featureCount);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(targetCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(targetCount, TargetsMax);
        RequireFloating(input, nameof(input));
        RequireFloating(sum, nameof(sum));
        _featureCount = featureCount;
        _targetCount = targetCount;
        _input = input;
        _sum = sum;
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
    public TreeEnsembleBuilder Branch(NodeMode mode, int feature, double threshold, int trueChild, int falseChild, bool missingGoesTrue = false) =>
        Branch(mode, feature, threshold, trueChild, falseChild, missingGoesTrue ? NodeFlags.MissingGoesTrue : NodeFlags.None);

    /// <summary>Adds a node with a question. Children are counted from the tree's root, which is 0.</summary>
    /// <exception cref="MlpException">Feature, threshold, child or flags cannot be.</exception>
    public TreeEnsembleBuilder Branch(NodeMode mode, int feature, double threshold, int trueChild, int falseChild, NodeFlags flags)
    {
        var node = NextNode();
        if (mode is NodeMode.Leaf or > NodeMode.NotEqual)
        {
            throw Invalid(node, $"mode {mode} for a node with children and a threshold");
        }

        if (double.IsNaN(threshold))
        {
            throw Invalid(node, "a threshold that is NaN");
        }

        if ((flags & ~(NodeFlags.MissingGoesTrue | NodeFlags.ZeroIsMissing)) != 0)
        {
            throw Invalid(node, $"the flags {flags} beside a comparison");
        }

        if (_input == ElementType.Float32)
        {
            (mode, threshold, flags) = ThresholdRounding.ToFloat(mode, threshold, flags);
        }

        CheckBranch(node, feature, trueChild, falseChild);
        var root = _roots[^1];
        _nodes.Add(TreeNode.Branch(mode, flags, feature, threshold, checked(root + trueChild), checked(root + falseChild)));
        return this;
    }

    /// <summary>Adds a node that asks whether the feature is one of some categories.</summary>
    /// <param name="feature">The feature.</param>
    /// <param name="set">Category c is in it where bit c % 64 of word c / 64 is 1.</param>
    /// <param name="trueChild">The node that follows a yes, counted from the tree's root.</param>
    /// <param name="falseChild">The node that follows a no.</param>
    /// <param name="flags">What becomes of NaN, zeros and fractions.</param>
    /// <exception cref="MlpException">Feature, set, child or flags cannot be.</exception>
    public TreeEnsembleBuilder Member(int feature, ReadOnlySpan<ulong> set, int trueChild, int falseChild, NodeFlags flags = NodeFlags.None)
    {
        var node = NextNode();
        set = set.TrimEnd(0ul);
        if (set.Length > CategoriesMax / 64 || _setWords.Count + set.Length > SetWordsMax)
        {
            throw Invalid(node, $"a set of {set.Length} words of 64 categories, after {_setWords.Count} words of other nodes; a set may have {CategoriesMax / 64} and all together {SetWordsMax}");
        }

        if ((flags & ~(NodeFlags.MissingGoesTrue | NodeFlags.ZeroIsMissing | NodeFlags.TruncatesFractions | NodeFlags.NegativesAreOutside)) != 0)
        {
            throw Invalid(node, $"the flags {flags}");
        }

        CheckBranch(node, feature, trueChild, falseChild);
        var root = _roots[^1];
        _nodes.Add(TreeNode.Branch(NodeMode.Member, flags, feature, 0, checked(root + trueChild), checked(root + falseChild), _setEnds.Count));
        _setWords.AddRange(set);
        _setEnds.Add(_setWords.Count);
        return this;
    }

    /// <summary>Adds a leaf with one weight for target 0.</summary>
    public TreeEnsembleBuilder Leaf(double weight) => Leaf([new LeafWeight(0, weight)]);

    /// <summary>Adds a leaf with weights for any of the targets.</summary>
    /// <exception cref="MlpException">A target is none, or a weight is NaN.</exception>
    public TreeEnsembleBuilder Leaf(ReadOnlySpan<LeafWeight> weights)
    {
        AddWeights(NextNode(), weights);
        _nodes.Add(TreeNode.Leaf(_weights.Count - weights.Length, weights.Length));
        return this;
    }

    /// <summary>Adds a leaf with a linear model.</summary>
    /// <param name="fallback">The target, and what the leaf gives where one of the model's features is NaN.</param>
    /// <param name="constant">What the terms are added to.</param>
    /// <param name="coefficients">The terms, in the order they are added.</param>
    /// <exception cref="MlpException">A target or feature is none, or a number is NaN.</exception>
    public TreeEnsembleBuilder LinearLeaf(LeafWeight fallback, double constant, ReadOnlySpan<LeafCoefficient> coefficients)
    {
        var node = NextNode();
        if (_coefficients.Count + (long)coefficients.Length > WeightsMax)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"The ensemble has more than {WeightsMax} coefficients in its leaves.");
        }

        foreach (var (feature, weight) in coefficients)
        {
            if ((uint)feature >= (uint)_featureCount || double.IsNaN(weight))
            {
                throw Invalid(node, $"a coefficient {weight} for feature {feature} of {_featureCount}");
            }
        }

        if (double.IsNaN(constant))
        {
            throw Invalid(node, "a linear model whose constant is NaN");
        }

        AddWeights(node, [fallback]);
        _nodes.Add(TreeNode.Leaf(_weights.Count - 1, 1, _constants.Count));
        _coefficients.AddRange(coefficients);
        _coefficientEnds.Add(_coefficients.Count);
        _constants.Add(constant);
        return this;
    }

    /// <summary>Checks the last tree and gives the ensemble.</summary>
    /// <param name="aggregate">How leaves become one number a target.</param>
    /// <param name="postTransform">What follows.</param>
    /// <param name="baseValues">Added to each target, after the leaves; empty for zeros.</param>
    /// <exception cref="MlpException">There is no tree, the last one is none, or the number of base values is wrong.</exception>
    public TreeEnsemble Build(EnsembleAggregate aggregate = EnsembleAggregate.Sum, PostTransform postTransform = PostTransform.None, params ReadOnlySpan<double> baseValues) =>
        Build(new EnsembleOutput { Aggregate = aggregate, PostTransform = postTransform, BaseValues = baseValues.ToArray() });

    /// <summary>Checks the last tree and gives the ensemble.</summary>
    /// <param name="output">How leaves become an answer.</param>
    /// <exception cref="MlpException">There is no tree, the last one is none, or the output does not fit.</exception>
    public TreeEnsemble Build(EnsembleOutput output)
    {
        ArgumentNullException.ThrowIfNull(output);
        CheckLastTree();
        if (_roots.Count == 0)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, "The ensemble has no tree.");
        }

        output.Validate(_featureCount, _targetCount);
        var parts = new Parts(_featureCount, _targetCount, _input, _sum, [.. _roots], [.. _nodes], [.. _weights], new([.. _setWords], [.. _setEnds]), new([.. _coefficients], [.. _coefficientEnds]), [.. _constants]);

        // The lists are the caller's and may change; the ensemble does not.
        return new TreeEnsemble(parts, output with { BaseValues = [.. output.BaseValues], FeatureNames = [.. output.FeatureNames], LabelNumbers = [.. output.LabelNumbers], LabelTexts = [.. output.LabelTexts] });
    }

    private static void RequireFloating(ElementType type, string name)
    {
        if (type is not (ElementType.Float32 or ElementType.Float64))
        {
            throw new ArgumentOutOfRangeException(name, type, "expected Float32 or Float64");
        }
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

    private void CheckBranch(int node, int feature, int trueChild, int falseChild)
    {
        if ((uint)feature >= (uint)_featureCount)
        {
            throw Invalid(node, $"feature {feature} of {_featureCount}");
        }

        if ((uint)trueChild >= NodesMax || (uint)falseChild >= NodesMax)
        {
            throw Invalid(node, $"children {trueChild} and {falseChild}");
        }
    }

    private void AddWeights(int node, ReadOnlySpan<LeafWeight> weights)
    {
        if (_weights.Count + (long)weights.Length > WeightsMax)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"The ensemble has more than {WeightsMax} weights in its leaves.");
        }

        foreach (var (target, weight) in weights)
        {
            if ((uint)target >= (uint)_targetCount)
            {
                throw Invalid(node, $"a weight for target {target} of {_targetCount}");
            }

            if (double.IsNaN(weight))
            {
                throw Invalid(node, "a weight that is NaN");
            }

            _weights.Add(new LeafWeight(target, _sum == ElementType.Float32 ? (float)weight : weight));
        }
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

    /// <summary>What an ensemble is made of, checked.</summary>
    internal readonly record struct Parts(
        int FeatureCount,
        int TargetCount,
        ElementType Input,
        ElementType Sum,
        int[] Roots,
        TreeNode[] Nodes,
        LeafWeight[] Weights,
        TreeEnsemble.Pool<ulong> Sets,
        TreeEnsemble.Pool<LeafCoefficient> Linear,
        double[] Constants);
}
