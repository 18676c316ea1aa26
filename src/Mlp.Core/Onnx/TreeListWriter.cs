namespace Mlp.Core;

/// <summary>States an ensemble as the parallel lists of <c>TreeEnsembleClassifier</c> and <c>TreeEnsembleRegressor</c> (ai.onnx.ml 3); doubles as tensors.</summary>
internal sealed class TreeListWriter(string prefix, bool asDoubles)
{
    private readonly List<long> _treeIds = [];
    private readonly List<long> _nodeIds = [];
    private readonly List<long> _features = [];
    private readonly List<long> _trueIds = [];
    private readonly List<long> _falseIds = [];
    private readonly List<long> _missing = [];
    private readonly List<double> _values = [];
    private readonly List<string> _modes = [];
    private readonly List<long> _weightTrees = [];
    private readonly List<long> _weightNodes = [];
    private readonly List<long> _weightIds = [];
    private readonly List<double> _weights = [];
    private int _trees;

    /// <summary>Adds a tree of one leaf.</summary>
    public void AddLeaf(params ReadOnlySpan<LeafWeight> weights)
    {
        AddNode(0, NodeMode.Leaf);
        AddWeights(0, weights);
        _trees++;
    }

    /// <summary>Adds all trees of an ensemble.</summary>
    public void Add(TreeEnsemble ensemble)
    {
        for (var tree = 0; tree < ensemble.Roots.Length; tree++, _trees++)
        {
            var root = ensemble.Roots[tree];
            var nodes = ensemble.NodesOf(tree);
            for (var i = 0; i < nodes.Length; i++)
            {
                ref readonly var node = ref nodes[i];
                AddNode(i, node.Mode);
                if (node.Mode == NodeMode.Leaf)
                {
                    AddWeights(i, ensemble.WeightsOf(node));
                    continue;
                }

                _features[^1] = node.Feature;
                _values[^1] = node.Threshold;
                _trueIds[^1] = node.TrueChild - root;
                _falseIds[^1] = node.FalseChild - root;
                _missing[^1] = node.MissingGoesTrue ? 1 : 0;
            }
        }
    }

    /// <summary>The attributes of all that was added.</summary>
    /// <param name="baseValues">Empty for none.</param>
    public Dictionary<string, OnnxAttribute> Attributes(params ReadOnlySpan<double> baseValues)
    {
        var attributes = new Dictionary<string, OnnxAttribute>(StringComparer.Ordinal)
        {
            ["nodes_treeids"] = _treeIds.ToArray(),
            ["nodes_nodeids"] = _nodeIds.ToArray(),
            ["nodes_featureids"] = _features.ToArray(),
            ["nodes_modes"] = _modes.ToArray(),
            ["nodes_truenodeids"] = _trueIds.ToArray(),
            ["nodes_falsenodeids"] = _falseIds.ToArray(),
            ["nodes_missing_value_tracks_true"] = _missing.ToArray(),
            [$"{prefix}_treeids"] = _weightTrees.ToArray(),
            [$"{prefix}_nodeids"] = _weightNodes.ToArray(),
            [$"{prefix}_ids"] = _weightIds.ToArray(),
        };
        AddNumbers(attributes, "nodes_values", [.. _values]);
        AddNumbers(attributes, $"{prefix}_weights", [.. _weights]);
        if (baseValues.Length != 0)
        {
            AddNumbers(attributes, "base_values", baseValues.ToArray());
        }

        return attributes;
    }

    private void AddNode(int id, NodeMode mode)
    {
        _treeIds.Add(_trees);
        _nodeIds.Add(id);
        _modes.Add(NodeModeNames.Name(mode));
        _features.Add(0);
        _values.Add(0);
        _trueIds.Add(0);
        _falseIds.Add(0);
        _missing.Add(0);
    }

    // ONNX Runtime refuses a leaf without weights; adding 0 to the first target is the same.
    private void AddWeights(int node, ReadOnlySpan<LeafWeight> weights)
    {
        foreach (var weight in weights.Length == 0 ? [new LeafWeight(0, 0)] : weights)
        {
            _weightTrees.Add(_trees);
            _weightNodes.Add(node);
            _weightIds.Add(weight.Target);
            _weights.Add(weight.Weight);
        }
    }

    private void AddNumbers(Dictionary<string, OnnxAttribute> attributes, string name, double[] values)
    {
        if (asDoubles)
        {
            attributes[$"{name}_as_tensor"] = new OnnxAttribute { Tensor = OnnxTensor.Of(values, values.Length) };
        }
        else
        {
            attributes[name] = Array.ConvertAll(values, static value => (float)value);
        }
    }
}
