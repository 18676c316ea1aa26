namespace Mlp.Core;

/// <summary>
/// An ensemble of decision trees, whatever trained it. Nodes of all trees lie one after another, the root of each first; made
/// and checked by <see cref="TreeEnsembleBuilder"/>, immutable afterwards.
/// </summary>
public sealed class TreeEnsemble
{
    private readonly int[] _roots;
    private readonly TreeNode[] _nodes;
    private readonly LeafWeight[] _weights;
    private readonly double[] _baseValues;
    private readonly Pool<ulong> _sets;
    private readonly Pool<LeafCoefficient> _linear;
    private readonly double[] _constants;

    internal TreeEnsemble(TreeEnsembleBuilder.Parts parts, EnsembleOutput output)
    {
        (FeatureCount, TargetCount, Input, Sum) = (parts.FeatureCount, parts.TargetCount, parts.Input, parts.Sum);
        (_roots, _nodes, _weights, _sets, _linear, _constants) = (parts.Roots, parts.Nodes, parts.Weights, parts.Sets, parts.Linear, parts.Constants);
        Output = output;
        _baseValues = new double[TargetCount];
        for (var i = 0; i < output.BaseValues.Count; i++)
        {
            _baseValues[i] = Sum == ElementType.Float32 ? (float)output.BaseValues[i] : output.BaseValues[i];
        }

        Divisor = output.Aggregate == EnsembleAggregate.Average ? output.AverageDivisor ?? _roots.Length : 1;
    }

    /// <summary>Elements of a row that the trees may ask for.</summary>
    public int FeatureCount { get; }

    /// <summary>Raw scores that a row gives.</summary>
    public int TargetCount { get; }

    /// <summary>Numbers that a row gives after the transform: one a target, but for <see cref="PostTransform.ArgMax"/>.</summary>
    public int OutputCount => PostTransform == PostTransform.ArgMax ? 1 : TargetCount;

    /// <summary>The type of a row's elements, <see cref="ElementType.Float32"/> or <see cref="ElementType.Float64"/>. A row of the other type is converted first.</summary>
    public ElementType Input { get; }

    /// <summary>The type in which leaves are summed, <see cref="ElementType.Float32"/> or <see cref="ElementType.Float64"/>.</summary>
    public ElementType Sum { get; }

    /// <summary>How leaves become an answer, and what it means.</summary>
    public EnsembleOutput Output { get; }

    /// <summary>How leaves become one number a target.</summary>
    public EnsembleAggregate Aggregate => Output.Aggregate;

    /// <summary>What follows the aggregation and the base values.</summary>
    public PostTransform PostTransform => Output.PostTransform;

    /// <summary>What sums are divided by before a base value comes last; 1 but for an average.</summary>
    public double Divisor { get; }

    /// <summary>The index of each tree's root in <see cref="Nodes"/>.</summary>
    public ReadOnlySpan<int> Roots => _roots;

    /// <summary>The nodes; children are indices into this list.</summary>
    public ReadOnlySpan<TreeNode> Nodes => _nodes;

    /// <summary>The weights that leaves refer to.</summary>
    public ReadOnlySpan<LeafWeight> Weights => _weights;

    /// <summary>One a target; zeros where none were stated.</summary>
    public ReadOnlySpan<double> BaseValues => _baseValues;

    /// <summary>Whether any leaf holds a linear model.</summary>
    public bool HasLinearLeaves => _linear.Count != 0;

    /// <summary>Whether any node asks for a set.</summary>
    public bool HasSets => _sets.Count != 0;

    /// <summary>The nodes of one tree, its root first; their children are still indices into <see cref="Nodes"/>.</summary>
    public ReadOnlySpan<TreeNode> NodesOf(int tree) => _nodes.AsSpan(_roots[tree]..(tree + 1 < _roots.Length ? _roots[tree + 1] : _nodes.Length));

    /// <summary>The weights of a leaf.</summary>
    /// <param name="leaf">A node whose mode is <see cref="NodeMode.Leaf"/>.</param>
    public ReadOnlySpan<LeafWeight> WeightsOf(in TreeNode leaf) => _weights.AsSpan(leaf.WeightStart, leaf.WeightCount);

    /// <summary>The set of a node: category c is in it where bit c % 64 of word c / 64 is 1. Words that end in zeros may be left out.</summary>
    /// <param name="node">A node whose mode is <see cref="NodeMode.Member"/>.</param>
    public ReadOnlySpan<ulong> SetOf(in TreeNode node) => _sets.Of(node.Index);

    /// <summary>
    /// The linear model of a leaf. It gives, in double and in this order, constant + weight · x + weight · x ...; where an x is NaN the leaf
    /// gives its weight instead. Either goes to the target of the leaf's only weight.
    /// </summary>
    /// <param name="leaf">A node with <see cref="TreeNode.IsLinear"/>.</param>
    /// <param name="constant">What the terms are added to.</param>
    public ReadOnlySpan<LeafCoefficient> LinearOf(in TreeNode leaf, out double constant)
    {
        constant = _constants[leaf.Index];
        return _linear.Of(leaf.Index);
    }

    /// <summary>Lists of elements, one after another.</summary>
    /// <param name="Elements">All of them.</param>
    /// <param name="Ends">Where each list ends.</param>
    internal readonly record struct Pool<T>(T[] Elements, int[] Ends)
    {
        public int Count => Ends.Length;

        public ReadOnlySpan<T> Of(int index) => Elements.AsSpan((index == 0 ? 0 : Ends[index - 1])..Ends[index]);
    }
}
