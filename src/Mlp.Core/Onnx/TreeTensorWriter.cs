namespace Mlp.Core;

/// <summary>States an ensemble as <c>TreeEnsemble</c> (ai.onnx.ml 5), the operator that has sets. A leaf has one target there, so a tree whose leaves have several is stated once for each.</summary>
internal sealed class TreeTensorWriter(bool asDoubles)
{
    private readonly List<byte> _modes = [];
    private readonly List<double> _splits = [];
    private readonly List<long> _features = [];
    private readonly List<long> _missing = [];
    private readonly List<long> _yesIds = [];
    private readonly List<long> _yesLeaves = [];
    private readonly List<long> _noIds = [];
    private readonly List<long> _noLeaves = [];
    private readonly List<double> _members = [];
    private readonly List<long> _targets = [];
    private readonly List<double> _weights = [];
    private readonly List<long> _roots = [];

    /// <summary>Adds a tree of one leaf.</summary>
    public void AddLeaf(LeafWeight weight)
    {
        // A question whose answers are two equal leaves: early runtimes take a root for a leaf's index where both are one.
        _roots.Add(_modes.Count);
        AddQuestion(NodeMode.LessOrEqual, 0, 0, false);
        for (var way = 0; way < 2; way++)
        {
            SetChild(_modes.Count - 1, way == 0, _weights.Count, isLeaf: true);
            _targets.Add(weight.Target);
            _weights.Add(weight.Weight);
        }
    }

    /// <summary>Adds all trees of an ensemble.</summary>
    public void Add(TreeEnsemble ensemble)
    {
        for (var tree = 0; tree < ensemble.Roots.Length; tree++)
        {
            var most = 1;
            foreach (ref readonly var node in ensemble.NodesOf(tree))
            {
                most = node.Mode == NodeMode.Leaf ? Math.Max(most, node.WeightCount) : most;
            }

            for (var index = 0; index < most; index++)
            {
                AddTree(ensemble, tree, index);
            }
        }
    }

    /// <summary>The attributes of all that was added.</summary>
    public Dictionary<string, OnnxAttribute> Attributes()
    {
        var attributes = new Dictionary<string, OnnxAttribute>(StringComparer.Ordinal)
        {
            ["tree_roots"] = _roots.ToArray(),
            ["nodes_modes"] = new OnnxAttribute { Tensor = OnnxTensor.Of([.. _modes], _modes.Count) },
            ["nodes_featureids"] = _features.ToArray(),
            ["nodes_missing_value_tracks_true"] = _missing.ToArray(),
            ["nodes_truenodeids"] = _yesIds.ToArray(),
            ["nodes_trueleafs"] = _yesLeaves.ToArray(),
            ["nodes_falsenodeids"] = _noIds.ToArray(),
            ["nodes_falseleafs"] = _noLeaves.ToArray(),
            ["leaf_targetids"] = _targets.ToArray(),
            ["nodes_splits"] = Numbers(_splits),
            ["leaf_weights"] = Numbers(_weights),
        };
        if (_members.Count != 0)
        {
            attributes["membership_values"] = Numbers(_members);
        }

        return attributes;
    }

    // The weights at one index of every leaf; a leaf that has fewer gives 0.
    private void AddTree(TreeEnsemble ensemble, int tree, int weightIndex)
    {
        var root = ensemble.Roots[tree];
        var nodes = ensemble.NodesOf(tree);
        if (nodes[0].Mode == NodeMode.Leaf)
        {
            AddLeaf(Weight(ensemble, nodes[0], weightIndex));
            return;
        }

        _roots.Add(_modes.Count);
        var places = new int[nodes.Length];
        for (var i = 0; i < nodes.Length; i++)
        {
            ref readonly var node = ref nodes[i];
            if (node.Mode == NodeMode.Leaf)
            {
                var weight = Weight(ensemble, node, weightIndex);
                places[i] = _weights.Count;
                _targets.Add(weight.Target);
                _weights.Add(weight.Weight);
                continue;
            }

            places[i] = _modes.Count;
            var isSet = node.Mode == NodeMode.Member && ensemble.SetOf(node).Length != 0;
            if (node.Mode != NodeMode.Member || isSet)
            {
                AddQuestion(node.Mode, node.Feature, node.Threshold, node.MissingGoesTrue);
            }
            else
            {
                // Runtimes expect a member: an empty set becomes what is never true either.
                AddQuestion(NodeMode.Less, node.Feature, double.NegativeInfinity, node.MissingGoesTrue);
            }

            if (isSet)
            {
                AddMembers(ensemble.SetOf(node));
            }
        }

        for (var i = 0; i < nodes.Length; i++)
        {
            if (nodes[i].Mode != NodeMode.Leaf)
            {
                var (yes, no) = (nodes[i].TrueChild - root, nodes[i].FalseChild - root);
                SetChild(places[i], true, places[yes], nodes[yes].Mode == NodeMode.Leaf);
                SetChild(places[i], false, places[no], nodes[no].Mode == NodeMode.Leaf);
            }
        }
    }

    private void AddQuestion(NodeMode mode, int feature, double threshold, bool missingGoesTrue)
    {
        _modes.Add(NodeModeNames.Code(mode));
        _features.Add(feature);
        _splits.Add(threshold);
        _missing.Add(missingGoesTrue ? 1 : 0);
        _yesIds.Add(0);
        _yesLeaves.Add(0);
        _noIds.Add(0);
        _noLeaves.Add(0);
    }

    private void SetChild(int parent, bool yes, int child, bool isLeaf)
    {
        (yes ? _yesIds : _noIds)[parent] = child;
        (yes ? _yesLeaves : _noLeaves)[parent] = isLeaf ? 1 : 0;
    }

    private void AddMembers(ReadOnlySpan<ulong> set)
    {
        for (var category = 0; category < set.Length * 64; category++)
        {
            if ((set[category >> 6] >> (category & 63) & 1) != 0)
            {
                _members.Add(category);
            }
        }

        _members.Add(double.NaN);
    }

    private OnnxAttribute Numbers(List<double> values) => new()
    {
        Tensor = asDoubles ? OnnxTensor.Of([.. values], values.Count) : OnnxTensor.Of(Array.ConvertAll(values.ToArray(), static value => (float)value), values.Count),
    };

    private static LeafWeight Weight(TreeEnsemble ensemble, in TreeNode leaf, int index) => index < leaf.WeightCount ? ensemble.WeightsOf(leaf)[index] : new LeafWeight(0, 0);
}
