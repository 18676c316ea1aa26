namespace Mlp.Core;

/// <summary>
/// Reads the trees of <c>TreeEnsembleClassifier</c> and <c>TreeEnsembleRegressor</c> (ai.onnx.ml 1 and 3): parallel lists of nodes, and
/// of weights that name their tree and node.
/// </summary>
internal sealed class TreeListReader
{
    private readonly OnnxNode _node;
    private readonly string _prefix;
    private readonly long[] _treeIds;
    private readonly long[] _nodeIds;
    private readonly Dictionary<long, int> _trees = [];
    private readonly List<int> _starts = [];

    // By a tree's start and a node's id: where the list has the node.
    private readonly int[] _places;

    /// <summary>Reads which nodes there are.</summary>
    /// <param name="node">The operator.</param>
    /// <param name="prefix"><c>class</c> or <c>target</c>, with which the names of the weights' lists begin.</param>
    public TreeListReader(OnnxNode node, string prefix)
    {
        _node = node;
        _prefix = prefix;
        _treeIds = TreeNumbers.Required(node.Ints("nodes_treeids"), node, "nodes_treeids");
        _nodeIds = TreeNumbers.Required(node.Ints("nodes_nodeids"), node, "nodes_nodeids", _treeIds.Length);
        _places = new int[_treeIds.Length];
        Array.Fill(_places, -1);
        for (var i = 0; i < _treeIds.Length; i++)
        {
            if (i == 0 || _treeIds[i] != _treeIds[i - 1])
            {
                if (!_trees.TryAdd(_treeIds[i], _starts.Count))
                {
                    throw TreeNumbers.Invalid(node, _treeIds[i], _nodeIds[i], "does not stand beside the tree's other nodes");
                }

                _starts.Add(i);
            }
        }

        _starts.Add(_treeIds.Length);
        for (var tree = 0; tree + 1 < _starts.Count; tree++)
        {
            Place(_starts[tree], _starts[tree + 1]);
        }
    }

    /// <summary>Adds all trees to a builder.</summary>
    /// <param name="builder">What makes the ensemble.</param>
    /// <param name="weights">The leaves' weights, in the order of their lists.</param>
    /// <param name="classIds">The weights' targets.</param>
    public void AddTo(TreeEnsembleBuilder builder, double[] weights, int[] classIds)
    {
        var count = _treeIds.Length;
        var features = TreeNumbers.Required(_node.Ints("nodes_featureids"), _node, "nodes_featureids", count);
        var trueIds = TreeNumbers.Required(_node.Ints("nodes_truenodeids"), _node, "nodes_truenodeids", count);
        var falseIds = TreeNumbers.Required(_node.Ints("nodes_falsenodeids"), _node, "nodes_falsenodeids", count);
        var values = TreeNumbers.Required(TreeNumbers.List(_node, "nodes_values").Values, _node, "nodes_values", count);
        var modes = TreeNumbers.Required(_node.Texts("nodes_modes"), _node, "nodes_modes", count);
        var missing = _node.Ints("nodes_missing_value_tracks_true");
        if (missing.Length != 0)
        {
            TreeNumbers.Required(missing, _node, "nodes_missing_value_tracks_true", count);
        }

        var (leaves, ends) = Leaves(weights, classIds);
        for (var tree = 0; tree + 1 < _starts.Count; tree++)
        {
            builder.BeginTree();
            for (var i = _starts[tree]; i < _starts[tree + 1]; i++)
            {
                var mode = NodeModeNames.Find(modes[i]) ?? throw TreeNumbers.Invalid(_node, _treeIds[i], _nodeIds[i], $"has the mode '{modes[i]}'");
                if (mode == NodeMode.Leaf)
                {
                    builder.Leaf(leaves.AsSpan((i == 0 ? 0 : ends[i - 1])..ends[i]));
                    continue;
                }

                builder.Branch(mode, (int)Math.Clamp(features[i], -1, int.MaxValue), values[i], Child(tree, i, trueIds[i]), Child(tree, i, falseIds[i]), missing.Length != 0 && missing[i] != 0);
            }
        }
    }

    // Ids are 0, 1, 2 ... in every tree, as the operator asks, though a file may list them in another order.
    private void Place(int start, int end)
    {
        for (var i = start; i < end; i++)
        {
            if ((ulong)_nodeIds[i] >= (ulong)(end - start))
            {
                throw TreeNumbers.Invalid(_node, _treeIds[i], _nodeIds[i], $"has an id beyond the tree's {end - start} nodes; ids are 0, 1, 2 ...");
            }

            ref var place = ref _places[start + (int)_nodeIds[i]];
            if (place >= 0)
            {
                throw TreeNumbers.Invalid(_node, _treeIds[i], _nodeIds[i], "occurs twice");
            }

            place = i;
        }
    }

    private int Child(int tree, int parent, long id)
    {
        var nodes = _starts[tree + 1] - _starts[tree];
        return (ulong)id < (ulong)nodes
            ? _places[_starts[tree] + (int)id] - _starts[tree]
            : throw TreeNumbers.Invalid(_node, _treeIds[parent], _nodeIds[parent], $"has child {id} of {nodes} nodes");
    }

    // Weights in the order of their nodes, and of the lists within a node. Those of nodes that are no leaves, which old converters wrote, are left unread.
    private (LeafWeight[] Leaves, int[] Ends) Leaves(double[] weights, int[] classIds)
    {
        var trees = TreeNumbers.Required(_node.Ints($"{_prefix}_treeids"), _node, $"{_prefix}_treeids", weights.Length);
        var nodes = TreeNumbers.Required(_node.Ints($"{_prefix}_nodeids"), _node, $"{_prefix}_nodeids", weights.Length);
        var places = new int[weights.Length];
        var next = new int[_treeIds.Length + 1];
        for (var i = 0; i < weights.Length; i++)
        {
            if (!_trees.TryGetValue(trees[i], out var tree) || (ulong)nodes[i] >= (ulong)(_starts[tree + 1] - _starts[tree]))
            {
                throw TreeNumbers.Invalid(_node, trees[i], nodes[i], "has a weight and does not exist");
            }

            places[i] = _places[_starts[tree] + (int)nodes[i]];
            next[places[i] + 1]++;
        }

        for (var i = 1; i < next.Length; i++)
        {
            next[i] += next[i - 1];
        }

        var sorted = new LeafWeight[weights.Length];
        for (var i = 0; i < weights.Length; i++)
        {
            sorted[next[places[i]]++] = new LeafWeight(classIds[i], weights[i]);
        }

        // Filling has moved each start to its end.
        return (sorted, next);
    }
}
