namespace Mlp.Kernels;

/// <summary>Trees packed for the walks: every question is <c>x &lt;= t</c>, and each tree adds one number to one target.</summary>
public sealed class PackedTrees
{
    private readonly PackedNode[] _nodes;
    private readonly int[] _roots;
    private readonly int[] _targets;
    private readonly DerivedColumn[] _derived;
    private readonly Lazy<TreeShape> _shape;
    private readonly Lazy<LeafMasks?> _masks;
    private readonly Lazy<ThresholdRanks?> _ranks;
    private readonly Lazy<PerfectTrees?> _perfect;
    private readonly Lazy<StruckLeaves?> _struck;
    private readonly Lazy<SlicedTrees?> _sliced;

    /// <summary>Takes the arrays over; they may not change afterwards.</summary>
    /// <param name="nodes">All nodes; checked here once, because the walks read without looking.</param>
    /// <param name="roots">Each tree's root, in the order of summation.</param>
    /// <param name="featureCount">Elements of a caller's row.</param>
    /// <param name="targets">The target that each tree adds to; none where there is one target.</param>
    /// <param name="targetCount">Sums of a row.</param>
    /// <param name="derived">Columns behind the features of a row (<see cref="Widen"/>); a node's feature <c>featureCount + i</c> is the i-th.</param>
    /// <exception cref="ArgumentException">An index lies outside, a child does not come after its parent, or a threshold is NaN.</exception>
    public PackedTrees(PackedNode[] nodes, int[] roots, int featureCount, int[]? targets = null, int targetCount = 1, DerivedColumn[]? derived = null)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(roots);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(featureCount);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(targetCount);
        _nodes = nodes;
        _roots = roots;
        _targets = targets ?? new int[roots.Length];
        _derived = derived ?? [];
        FeatureCount = featureCount;
        TargetCount = targetCount;
        RowLength = checked(featureCount + _derived.Length);
        CheckNodes();
        CheckTrees();
        _shape = new(() => new TreeShape(this));
        _masks = new(() => TargetCount == 1 ? LeafMasks.TryMake(this) : null);
        _ranks = new(() => ThresholdRanks.TryMake(this));
        _perfect = new(() => PerfectTrees.TryMake(this));
        _struck = new(() => StruckLeaves.TryMake(this));
        _sliced = new(() => SlicedTrees.TryMake(this));
    }

    /// <summary>Elements of a caller's row.</summary>
    public int FeatureCount { get; }

    /// <summary>Sums of a row.</summary>
    public int TargetCount { get; }

    /// <summary>Elements of a row as the walks read it: the features, and the derived columns behind them.</summary>
    public int RowLength { get; }

    /// <summary>All nodes.</summary>
    public ReadOnlySpan<PackedNode> Nodes => _nodes;

    /// <summary>Each tree's root.</summary>
    public ReadOnlySpan<int> Roots => _roots;

    /// <summary>The target that each tree adds to.</summary>
    public ReadOnlySpan<int> Targets => _targets;

    /// <summary>Columns that are made of features before the walk.</summary>
    public ReadOnlySpan<DerivedColumn> Derived => _derived;

    /// <summary>Bytes of the nodes and roots.</summary>
    internal unsafe long NodeBytes => ((long)_nodes.Length * sizeof(PackedNode)) + (sizeof(int) * (long)_roots.Length);

    /// <summary>Depths and numbers of leaves.</summary>
    internal TreeShape Shape => _shape.Value;

    // What follows is made when a walk first asks for it; null where the trees do not fit it.

    /// <summary>The same trees as masks over their leaves.</summary>
    internal LeafMasks? Masks => _masks.Value;

    /// <summary>The thresholds, ranked.</summary>
    internal ThresholdRanks? Ranks => _ranks.Value;

    /// <summary>The same trees, filled up to one depth.</summary>
    internal PerfectTrees? Perfect => _perfect.Value;

    /// <summary>The same trees as masks over their leaves, with ranked questions.</summary>
    internal StruckLeaves? Struck => _struck.Value;

    /// <summary>The same trees as programs over slices of bits.</summary>
    internal SlicedTrees? Sliced => _sliced.Value;

    /// <summary>Copies callers' rows into rows as the walks read them, with the derived columns behind the features.</summary>
    /// <param name="rows">Row-major, <see cref="FeatureCount"/> a row.</param>
    /// <param name="wide">Row-major, <see cref="RowLength"/> a row.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public void Widen(ReadOnlySpan<float> rows, Span<float> wide)
    {
        var count = rows.Length / FeatureCount;
        if (rows.Length != (long)count * FeatureCount || wide.Length != (long)count * RowLength)
        {
            throw new ArgumentException($"{rows.Length} elements of rows of {FeatureCount} do not fit into {wide.Length} elements of rows of {RowLength}.", nameof(wide));
        }

        for (var r = 0; r < count; r++)
        {
            var row = rows.Slice(r * FeatureCount, FeatureCount);
            var target = wide.Slice(r * RowLength, RowLength);
            row.CopyTo(target);
            for (var i = 0; i < _derived.Length; i++)
            {
                target[FeatureCount + i] = _derived[i].Of(row[_derived[i].Feature]);
            }
        }
    }

    private void CheckNodes()
    {
        for (var i = 0; i < _nodes.Length; i++)
        {
            ref readonly var node = ref _nodes[i];
            var leaf = node.Child == i;
            var feature = node.Feature & ~PackedNode.MissingGoesTrue;
            if (feature >= RowLength
                || (!leaf && (node.Child <= i || node.Child + 1 >= _nodes.Length || float.IsNaN(node.Threshold)))
                || (leaf && (node.Feature >= 0 || !float.IsPositiveInfinity(node.Threshold))))
            {
                throw new ArgumentException($"node {i} has feature {feature} of {RowLength}, threshold {node.Threshold} and child {node.Child} of {_nodes.Length}", "nodes");
            }
        }
    }

    private void CheckTrees()
    {
        foreach (var root in _roots)
        {
            if ((uint)root >= (uint)_nodes.Length)
            {
                throw new ArgumentException($"root {root} of {_nodes.Length} nodes", "roots");
            }
        }

        if (_targets.Length != _roots.Length)
        {
            throw new ArgumentException($"{_targets.Length} targets for {_roots.Length} trees", "targets");
        }

        foreach (var target in _targets)
        {
            if ((uint)target >= (uint)TargetCount)
            {
                throw new ArgumentException($"target {target} of {TargetCount}", "targets");
            }
        }

        foreach (var column in _derived)
        {
            if (column.Feature >= FeatureCount)
            {
                throw new ArgumentException($"a column derived of feature {column.Feature} of {FeatureCount}", "derived");
            }
        }
    }
}
