using Mlp.Core;
using Mlp.Kernels;

namespace Mlp.Edge;

/// <summary>Turns the neutral ensemble into the kernels' form, in which every question is <c>x &lt;= t</c> of a float.</summary>
internal sealed class EnsemblePacking
{
    // Each is made anew for every row, asked for or not.
    private const int DerivedMax = 4096;

    private readonly TreeEnsemble _ensemble;
    private readonly List<PackedNode> _nodes = [];
    private readonly List<int> _sources = [];
    private readonly List<DerivedColumn> _derived = [];
    private readonly Dictionary<(NodeMode Mode, int Feature, float Value), int> _shared = [];

    private EnsemblePacking(TreeEnsemble ensemble) => _ensemble = ensemble;

    /// <summary>Packs an ensemble; null where more columns would have to be derived than walking saves, or a zero that is missing is asked for otherwise than by a comparison that some number answers with yes.</summary>
    public static PackedEnsemble? TryPack(TreeEnsemble ensemble) => new EnsemblePacking(ensemble).Pack();

    private PackedEnsemble? Pack()
    {
        foreach (ref readonly var node in _ensemble.Nodes)
        {
            if (node.ZeroIsMissing && (node.Mode is NodeMode.Equal or NodeMode.NotEqual or NodeMode.Member || float.IsNaN(LargestYes(node))))
            {
                return null;
            }
        }

        var targets = new int[_ensemble.Roots.Length];
        var sumsDirectly = _ensemble is { Sum: ElementType.Float32, HasLinearLeaves: false, Aggregate: EnsembleAggregate.Sum or EnsembleAggregate.Average };
        var roots = new int[targets.Length];
        for (var t = 0; t < roots.Length; t++)
        {
            roots[t] = _nodes.Count;
            sumsDirectly &= TryTargetOf(t, out targets[t]);
            PackTree(_ensemble.Roots[t]);
            if (_derived.Count > DerivedMax)
            {
                return null;
            }
        }

        return new PackedEnsemble(new PackedTrees([.. _nodes], roots, _ensemble.FeatureCount, sumsDirectly ? targets : null, sumsDirectly ? _ensemble.TargetCount : 1, [.. _derived]), [.. _sources], sumsDirectly);
    }

    // The target of all leaves of a tree, where each has one weight.
    private bool TryTargetOf(int tree, out int target)
    {
        target = -1;
        foreach (ref readonly var node in _ensemble.NodesOf(tree))
        {
            if (node.Mode != NodeMode.Leaf)
            {
                continue;
            }

            var weights = _ensemble.WeightsOf(node);
            if (weights.Length != 1 || (target >= 0 && weights[0].Target != target))
            {
                target = 0;
                return false;
            }

            target = weights[0].Target;
        }

        return true;
    }

    // Breadth first: the nodes that most rows visit lie together, and a child comes after its parent.
    private void PackTree(int root)
    {
        var waiting = new Queue<(int Source, int Place)>();
        waiting.Enqueue((root, Add()));
        while (waiting.TryDequeue(out var next))
        {
            ref readonly var node = ref _ensemble.Nodes[next.Source];
            _sources[next.Place] = next.Source;
            if (node.Mode == NodeMode.Leaf)
            {
                var weights = _ensemble.WeightsOf(node);
                _nodes[next.Place] = new PackedNode { Threshold = float.PositiveInfinity, Feature = PackedNode.MissingGoesTrue, Child = next.Place, Value = weights.Length == 1 ? (float)weights[0].Weight : 0 };
                continue;
            }

            var child = Add();
            Add();
            var question = Question(node);
            var missingGoesTrue = node.MissingGoesTrue || (node.Mode == NodeMode.NotEqual && !node.ZeroIsMissing);
            _nodes[next.Place] = new PackedNode
            {
                Threshold = question.Threshold,
                Feature = question.Column | (missingGoesTrue != question.Exchanged ? PackedNode.MissingGoesTrue : 0),
                Child = child,
            };
            waiting.Enqueue((question.Exchanged ? node.FalseChild : node.TrueChild, child));
            waiting.Enqueue((question.Exchanged ? node.TrueChild : node.FalseChild, child + 1));
        }
    }

    private int Add()
    {
        _nodes.Add(default);
        _sources.Add(0);
        return _nodes.Count - 1;
    }

    // x > t and x >= t are x <= t and x < t with yes and no exchanged; x < t is x <= the largest float below t.
    private (int Column, float Threshold, bool Exchanged) Question(in TreeNode node)
    {
        var feature = node.Feature;
        switch (node.Mode)
        {
            case NodeMode.Equal or NodeMode.NotEqual:
                var isFloat = (float)node.Threshold == node.Threshold;
                return (isFloat ? Shared(NodeMode.Equal, feature, (float)node.Threshold, static (f, value) => DerivedColumn.Equal(f, value)) : Never(feature), 0, node.Mode == NodeMode.NotEqual);
            case NodeMode.Member:
                _derived.Add(DerivedColumn.Member(feature, _ensemble.SetOf(node).ToArray(), (node.Flags & NodeFlags.TruncatesFractions) != 0, (node.Flags & NodeFlags.NegativesAreOutside) != 0));
                return (_ensemble.FeatureCount + _derived.Count - 1, 0, false);
        }

        var exchanged = node.Mode is NodeMode.Greater or NodeMode.GreaterOrEqual;
        var largest = LargestYes(node);
        if (float.IsNaN(largest))
        {
            return (Never(feature), 0, exchanged);
        }

        var column = node.ZeroIsMissing ? Shared(NodeMode.Leaf, feature, 0, static (f, _) => DerivedColumn.ZeroIsMissing(f)) : feature;
        return (column, largest, exchanged);
    }

    // A column that answers no, unless the feature is missing.
    private int Never(int feature) => Shared(NodeMode.Member, feature, 0, static (f, _) => DerivedColumn.Member(f, [], truncates: false, negativesAreOutside: true));

    private int Shared(NodeMode mode, int feature, float value, Func<int, float, DerivedColumn> make)
    {
        if (!_shared.TryGetValue((mode, feature, value), out var column))
        {
            column = _ensemble.FeatureCount + _derived.Count;
            _derived.Add(make(feature, value));
            _shared.Add((mode, feature, value), column);
        }

        return column;
    }

    // The largest float that is at most a threshold, or below it; NaN where there is none.
    private static float LargestYes(in TreeNode node)
    {
        var isExclusive = node.Mode is NodeMode.Less or NodeMode.GreaterOrEqual;
        var rounded = (float)node.Threshold;
        var isTooLarge = isExclusive ? rounded >= node.Threshold : rounded > node.Threshold;
        return !isTooLarge ? rounded : float.IsNegativeInfinity(rounded) ? float.NaN : MathF.BitDecrement(rounded);
    }
}
