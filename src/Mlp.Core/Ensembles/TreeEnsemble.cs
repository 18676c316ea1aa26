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
    private readonly float[] _baseValues;

    internal TreeEnsemble(int featureCount, int targetCount, int[] roots, TreeNode[] nodes, LeafWeight[] weights, float[] baseValues, EnsembleAggregate aggregate, PostTransform postTransform)
    {
        FeatureCount = featureCount;
        TargetCount = targetCount;
        _roots = roots;
        _nodes = nodes;
        _weights = weights;
        _baseValues = baseValues;
        Aggregate = aggregate;
        PostTransform = postTransform;
    }

    /// <summary>Elements of a row that the trees may ask for.</summary>
    public int FeatureCount { get; }

    /// <summary>Numbers that a row gives.</summary>
    public int TargetCount { get; }

    /// <summary>How leaves become one number a target.</summary>
    public EnsembleAggregate Aggregate { get; }

    /// <summary>What follows the aggregation and the base values.</summary>
    public PostTransform PostTransform { get; }

    /// <summary>The index of each tree's root in <see cref="Nodes"/>.</summary>
    public ReadOnlySpan<int> Roots => _roots;

    /// <summary>The nodes; children are indices into this list.</summary>
    public ReadOnlySpan<TreeNode> Nodes => _nodes;

    /// <summary>The weights that leaves refer to.</summary>
    public ReadOnlySpan<LeafWeight> Weights => _weights;

    /// <summary>Added to each target after aggregation.</summary>
    public ReadOnlySpan<float> BaseValues => _baseValues;

    /// <summary>The weights of a leaf.</summary>
    /// <param name="leaf">A node whose mode is <see cref="NodeMode.Leaf"/>.</param>
    public ReadOnlySpan<LeafWeight> WeightsOf(in TreeNode leaf) => _weights.AsSpan(leaf.WeightStart, leaf.WeightCount);
}
