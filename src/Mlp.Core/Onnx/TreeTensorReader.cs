namespace Mlp.Core;

/// <summary>
/// Reads the trees of <c>TreeEnsemble</c> (ai.onnx.ml 5): lists of questions and of leaves that all trees share, roots, and sets of members
/// one after another, NaN between them.
/// </summary>
internal sealed class TreeTensorReader
{
    /// <summary>Most nodes that sets may cost which are no categories and become questions of equality, each with its own copy of what follows.</summary>
    public const int CopiesMax = 1 << 20;

    private readonly OnnxNode _node;
    private readonly byte[] _modes;
    private readonly double[] _splits;
    private readonly long[] _features;
    private readonly long[] _missing;
    private readonly (long[] Ids, long[] AreLeaves) _yes;
    private readonly (long[] Ids, long[] AreLeaves) _no;
    private readonly long[] _targets;
    private readonly double[] _weights;
    private readonly double[] _members;
    private readonly Range[] _sets;
    private readonly Queue<Step> _waiting = new();
    private int _copies;

    /// <summary>Reads the lists.</summary>
    public TreeTensorReader(OnnxNode node)
    {
        _node = node;
        _modes = node.Attributes.GetValueOrDefault("nodes_modes")?.Tensor is { Type: ElementType.UInt8 } modes
            ? TreeNumbers.Required(modes.Data.ToArray(), node, "nodes_modes")
            : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: expected a tensor of uint8 as 'nodes_modes'.");
        var count = _modes.Length;
        _splits = TreeNumbers.Required(TreeNumbers.Tensor(node, "nodes_splits").Values, node, "nodes_splits", count);
        _features = Ints("nodes_featureids");
        _yes = (Ints("nodes_truenodeids"), Ints("nodes_trueleafs"));
        _no = (Ints("nodes_falsenodeids"), Ints("nodes_falseleafs"));
        _missing = node.Ints("nodes_missing_value_tracks_true").Length == 0 ? [] : Ints("nodes_missing_value_tracks_true");
        _weights = TreeNumbers.Required(TreeNumbers.Tensor(node, "leaf_weights").Values, node, "leaf_weights");
        _targets = TreeNumbers.Required(node.Ints("leaf_targetids"), node, "leaf_targetids", _weights.Length);
        _members = TreeNumbers.Tensor(node, "membership_values").Values;
        _sets = Sets();

        long[] Ints(string name) => TreeNumbers.Required(node.Ints(name), node, name, count);
    }

    /// <summary>Adds all trees to a builder.</summary>
    public void AddTo(TreeEnsembleBuilder builder, int featureCount, int targetCount)
    {
        var roots = TreeNumbers.Required(_node.Ints("tree_roots"), _node, "tree_roots");
        CheckParents(roots);
        for (var tree = 0; tree < roots.Length; tree++)
        {
            builder.BeginTree();
            var root = (int)roots[tree];

            // A root of which both ways end at one leaf is how this operator states a tree of one leaf.
            var isLeaf = _yes.AreLeaves[root] != 0 && _no.AreLeaves[root] != 0 && _yes.Ids[root] == _no.Ids[root];
            _waiting.Enqueue(isLeaf ? ChildOf(tree, root, _yes) : new Step(root, false, 0));
            for (var placed = 1; _waiting.TryDequeue(out var step);)
            {
                if (step.IsLeaf)
                {
                    AddLeaf(builder, tree, step.Id, targetCount);
                }
                else
                {
                    AddBranch(builder, tree, step, featureCount, placed);
                    placed += 2;
                }
            }
        }
    }

    private void AddLeaf(TreeEnsembleBuilder builder, int tree, int leaf, int targetCount)
    {
        if ((ulong)_targets[leaf] >= (ulong)targetCount || double.IsNaN(_weights[leaf]))
        {
            throw Invalid(tree, leaf, $"is a leaf with the weight {_weights[leaf]} for target {_targets[leaf]} of {targetCount}");
        }

        builder.Leaf([new LeafWeight((int)_targets[leaf], _weights[leaf])]);
    }

    // Breadth first: the children stand at the next two places.
    private void AddBranch(TreeEnsembleBuilder builder, int tree, Step step, int featureCount, int child)
    {
        var id = step.Id;
        if ((ulong)_features[id] >= (ulong)featureCount)
        {
            throw Invalid(tree, id, $"has feature {_features[id]} of {featureCount}");
        }

        var feature = (int)_features[id];
        var flags = _missing.Length != 0 && _missing[id] != 0 ? NodeFlags.MissingGoesTrue : NodeFlags.None;
        var no = ChildOf(tree, id, _no);
        if (_modes[id] == NodeModeNames.MemberCode)
        {
            var members = _members.AsSpan(_sets[id]);
            if (TryCategories(members) is { } set)
            {
                builder.Member(feature, set, child, child + 1, flags);
            }
            else
            {
                // x is in the set where it equals the first member or is in the rest of it.
                builder.Branch(NodeMode.Equal, feature, members[step.Member], child, child + 1, flags);
                if (step.Member + 1 < members.Length)
                {
                    no = step with { Member = step.Member + 1 };
                }
            }
        }
        else
        {
            if (double.IsNaN(_splits[id]))
            {
                throw Invalid(tree, id, "has a threshold that is NaN");
            }

            builder.Branch(NodeModeNames.Find(_modes[id]) ?? throw Invalid(tree, id, $"has the mode {_modes[id]}"), feature, _splits[id], child, child + 1, flags);
        }

        _waiting.Enqueue(ChildOf(tree, id, _yes) with { IsCopy = step.IsCopy || step.Member > 0 });
        _waiting.Enqueue(no with { IsCopy = step.IsCopy || no.Member > 0 });
        if (step.IsCopy && ++_copies > CopiesMax)
        {
            throw Invalid(tree, id, $"stands behind sets of numbers that are no categories, which cost more than {CopiesMax} copies of nodes");
        }
    }

    private Step ChildOf(int tree, int parent, (long[] Ids, long[] AreLeaves) way)
    {
        var id = way.Ids[parent];
        var isLeaf = way.AreLeaves[parent] != 0;
        var count = isLeaf ? _weights.Length : _modes.Length;
        return (ulong)id < (ulong)count
            ? new Step((int)id, isLeaf, 0)
            : throw Invalid(tree, parent, $"has child {id} of {count} {(isLeaf ? "leaves" : "nodes")}");
    }

    // A node with one parent, a root with none: then whatever a root reaches is a tree.
    private void CheckParents(long[] roots)
    {
        var taken = new bool[_modes.Length];
        for (var tree = 0; tree < roots.Length; tree++)
        {
            if ((ulong)roots[tree] >= (ulong)_modes.Length || taken[roots[tree]])
            {
                throw Invalid(tree, roots[tree], $"is no root: expected one of {_modes.Length} nodes that no other tree has");
            }

            taken[roots[tree]] = true;
        }

        for (var id = 0; id < _modes.Length; id++)
        {
            Take(_yes);
            Take(_no);

            void Take((long[] Ids, long[] AreLeaves) way)
            {
                var child = way.Ids[id];
                if (way.AreLeaves[id] != 0 || (ulong)child >= (ulong)taken.Length)
                {
                    return;
                }

                if (taken[child])
                {
                    throw new MlpException(ErrorCodes.ModelInvalid, $"{_node}: node {id} has child {child}, which is a root, has another parent or is its own ancestor.");
                }

                taken[child] = true;
            }
        }
    }

    private Range[] Sets()
    {
        var sets = new Range[_modes.Length];
        var start = 0;
        for (var id = 0; id < _modes.Length; id++)
        {
            if (_modes[id] != NodeModeNames.MemberCode)
            {
                continue;
            }

            if (start > _members.Length)
            {
                throw new MlpException(ErrorCodes.ModelInvalid, $"{_node}: node {id} asks for a set, and 'membership_values' has none left for it; sets are separated by NaN.");
            }

            var end = start;
            while (end < _members.Length && !double.IsNaN(_members[end]))
            {
                end++;
            }

            sets[id] = start..end;
            start = end + 1;
        }

        return start >= _members.Length ? sets : throw new MlpException(ErrorCodes.ModelInvalid, $"{_node}: 'membership_values' has {_members.Length - start} entries more than its nodes have sets.");
    }

    private static ulong[]? TryCategories(ReadOnlySpan<double> members)
    {
        var largest = -1;
        foreach (var member in members)
        {
            if (!(member >= 0 && member < TreeEnsembleBuilder.CategoriesMax) || member != (int)member)
            {
                return null;
            }

            largest = Math.Max(largest, (int)member);
        }

        var words = new ulong[(largest >> 6) + 1];
        foreach (var member in members)
        {
            words[(int)member >> 6] |= 1ul << ((int)member & 63);
        }

        return words;
    }

    private MlpException Invalid(int tree, long id, string what) => TreeNumbers.Invalid(_node, tree, id, what);

    // A node or leaf of the lists that waits for its place; of a set, which member is asked for; whether another copy of it was placed before.
    private readonly record struct Step(int Id, bool IsLeaf, int Member, bool IsCopy = false);
}
