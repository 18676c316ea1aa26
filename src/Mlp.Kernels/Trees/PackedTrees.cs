using System.Diagnostics;

namespace Mlp.Kernels;

/// <summary>Trees of one target, packed for the walks.</summary>
public sealed class PackedTrees
{
    private readonly PackedNode[] _nodes;
    private readonly int[] _roots;
    private readonly Lazy<LeafMasks?> _masks;

    /// <summary>Takes the arrays over; they may not change afterwards.</summary>
    /// <param name="nodes">All nodes; checked here once, because the walks read without looking.</param>
    /// <param name="roots">Each tree's root, in the order of summation.</param>
    /// <param name="featureCount">Elements of a row.</param>
    /// <exception cref="ArgumentException">An index lies outside, or a child does not come after its parent.</exception>
    public PackedTrees(PackedNode[] nodes, int[] roots, int featureCount)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(roots);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(featureCount);
        for (var i = 0; i < nodes.Length; i++)
        {
            ref readonly var node = ref nodes[i];
            var leaf = node.Child == i;
            var feature = node.Feature & ~PackedNode.MissingGoesTrue;
            if (feature >= featureCount
                || (!leaf && (node.Child <= i || node.Child + 1 >= nodes.Length))
                || (leaf && (node.Feature >= 0 || !float.IsPositiveInfinity(node.Threshold))))
            {
                throw new ArgumentException($"node {i} has feature {feature} of {featureCount} and child {node.Child} of {nodes.Length}", nameof(nodes));
            }
        }

        foreach (var root in roots)
        {
            if ((uint)root >= (uint)nodes.Length)
            {
                throw new ArgumentException($"root {root} of {nodes.Length} nodes", nameof(roots));
            }
        }

        _nodes = nodes;
        _roots = roots;
        FeatureCount = featureCount;
        _masks = new Lazy<LeafMasks?>(() => LeafMasks.TryMake(this));
        Debug.Assert(featureCount < int.MaxValue, "the highest bit is the flag");
    }

    /// <summary>Elements of a row.</summary>
    public int FeatureCount { get; }

    /// <summary>The same trees as masks, made when a walk first asks for them; null where they are too large for that.</summary>
    internal LeafMasks? Masks => _masks.Value;

    /// <summary>All nodes.</summary>
    public ReadOnlySpan<PackedNode> Nodes => _nodes;

    /// <summary>Each tree's root.</summary>
    public ReadOnlySpan<int> Roots => _roots;
}
