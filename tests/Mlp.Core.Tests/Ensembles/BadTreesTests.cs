using Mlp.Core;

namespace Mlp.Core.Tests.Ensembles;

/// <summary>Tree operators that are damaged: each is refused with the operator, the tree and the node.</summary>
public class BadTreesTests
{
    public static TheoryData<string, string, string> DamagedLists() => new()
    {
        { "nodes_truenodeids", "0,9,0,0", "tree 5, node 0 has child 9 of 3 nodes" },
        { "nodes_truenodeids", "0,-1,0,0", "tree 5, node 0 has child -1 of 3 nodes" },
        { "nodes_falsenodeids", "0,1,0,0", "Tree 1, node 0 has child 1, which has another parent or is its own ancestor" },
        { "nodes_truenodeids", "0,0,0,0", "Tree 1, node 0 has child 0, which has another parent or is its own ancestor" },
        { "nodes_featureids", "0,2,0,0", "Tree 1, node 0 has feature 2 of 2" },
        { "nodes_featureids", "0,-1,0,0", "Tree 1, node 0 has feature -1 of 2" },
        { "nodes_featureids", "0,9223372036854775807,0,0", "Tree 1, node 0 has feature 2147483647 of 2" },
        { "nodes_featureids", "0,0,0", "'nodes_featureids' has 3 entries; expected 4" },
        { "nodes_truenodeids", "0", "'nodes_truenodeids' has 1 entries; expected 4" },
        { "nodes_falsenodeids", "0,2,0,0,0", "'nodes_falsenodeids' has 5 entries; expected 4" },
        { "nodes_missing_value_tracks_true", "0,2,0", "'nodes_missing_value_tracks_true' has 3 entries; expected 4" },
        { "nodes_nodeids", "0,1,2,3", "tree 5, node 3 has an id beyond the tree's 3 nodes; ids are 0, 1, 2 ..." },
        { "nodes_nodeids", "0,0,1,-7", "tree 5, node -7 has an id beyond" },
        { "nodes_nodeids", "0,0,1,1", "tree 5, node 1 occurs twice" },
        { "nodes_treeids", "3,5,5,3", "tree 3, node 2 does not stand beside the tree's other nodes" },
        { "target_treeids", "3,4,5", "tree 4, node 1 has a weight and does not exist" },
        { "target_nodeids", "0,1,7", "tree 5, node 7 has a weight and does not exist" },
        { "target_ids", "0,1,2", "Tree 1, node 2 has a weight for target 2 of 2" },
        { "target_ids", "0,0", "'target_weights' has 3 entries; expected 2" },
        { "n_targets", "0", "'n_targets' is 0" },
    };

    [Theory]
    [MemberData(nameof(DamagedLists))]
    public void A_damaged_list_of_the_older_operators_is_refused(string attribute, string value, string message)
    {
        var attributes = Lists(Good());
        attributes[attribute] = attribute == "n_targets" ? long.Parse(value, System.Globalization.CultureInfo.InvariantCulture) : value.Split(',').Select(id => long.Parse(id, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Refused("TreeEnsembleRegressor", attributes, message);
    }

    [Fact]
    public void Thresholds_weights_modes_and_base_values_that_cannot_be_are_refused()
    {
        Refused("TreeEnsembleRegressor", With("nodes_values", new[] { 0, float.NaN, 0, 0 }), "Tree 1, node 0 has a threshold that is NaN");
        Refused("TreeEnsembleRegressor", With("nodes_values", new[] { 0f }), "'nodes_values' has 1 entries; expected 4");
        Refused("TreeEnsembleRegressor", With("nodes_modes", new[] { "LEAF", "BRANCH_MEMBER", "LEAF", "LEAF" }), "tree 5, node 0 has the mode 'BRANCH_MEMBER'");
        Refused("TreeEnsembleRegressor", With("nodes_modes", new[] { "LEAF", "LEAF", "LEAF", "LEAF" }), "Tree 1, node 1 has no parent");
        Refused("TreeEnsembleRegressor", With("target_weights", new[] { 1, 2, float.NaN }), "Tree 1, node 2 has a weight that is NaN");
        Refused("TreeEnsembleRegressor", With("base_values", new[] { 1f, 2, 3 }), "3 base values; expected none or 2");
        Refused("TreeEnsembleRegressor", With("base_values", new[] { 1f, float.NaN }), "a base value that is NaN");
        Refused("TreeEnsembleRegressor", With("aggregate_function", "MEDIAN"), "'MEDIAN'");
        Refused("TreeEnsembleRegressor", With("post_transform", "TANH"), "'TANH'");
        Refused("TreeEnsembleRegressor", With("nodes_values_as_tensor", new OnnxAttribute { Tensor = OnnxTensor.Of([1.0, 2, 3, 4], 4) }), "'nodes_values' and 'nodes_values_as_tensor'");
        Refused("TreeEnsembleRegressor", With("base_values_as_tensor", new OnnxAttribute { Tensor = OnnxTensor.Of([1L, 2], 2) }), "'base_values_as_tensor' is int64[2]");
    }

    [Fact]
    public void A_classifier_has_labels_of_one_kind_as_many_as_it_has_base_values()
    {
        Refused("TreeEnsembleClassifier", AsClassifier(Lists(Good())), "0 classlabels_int64s and 0 classlabels_strings");
        var both = AsClassifier(Lists(Good()));
        (both["classlabels_int64s"], both["classlabels_strings"]) = (new[] { 0L, 1 }, new[] { "a", "b" });
        Refused("TreeEnsembleClassifier", both, "2 classlabels_int64s and 2 classlabels_strings");
        var three = AsClassifier(Lists(Good()));
        (three["classlabels_int64s"], three["base_values"]) = (new[] { 0L, 1, 2 }, new[] { 1f, 2 });
        Refused("TreeEnsembleClassifier", three, "2 base values; expected none or 3");
    }

    [Fact]
    public void Weights_of_nodes_that_are_no_leaves_are_left_unread_as_old_converters_wrote_them()
    {
        var attributes = Lists(Good());
        (attributes["target_treeids"], attributes["target_nodeids"]) = (new[] { 3L, 5, 5 }, new[] { 0L, 0, 1 });
        Assert.Equal(2, Read("TreeEnsembleRegressor", attributes).Ensemble.Weights.Length);
    }

    [Fact]
    public void Nodes_may_be_listed_in_any_order_within_their_tree()
    {
        var attributes = Lists(Good());
        attributes["nodes_nodeids"] = new[] { 0L, 0, 2, 1 };
        var nodes = Read("TreeEnsembleRegressor", attributes).Ensemble.NodesOf(1);
        Assert.Equal(3, nodes[0].TrueChild);
        Assert.Equal(2, nodes[0].FalseChild);
    }

    [Fact]
    public void A_damaged_list_of_the_newer_operator_is_refused()
    {
        Refused("TreeEnsemble", Tensors("nodes_truenodeids", new[] { 7L, 0 }), "tree 0, node 0 has child 7 of 2 nodes");
        Refused("TreeEnsemble", Tensors("nodes_falsenodeids", new[] { 0L, 9 }), "tree 0, node 1 has child 9 of 3 leaves");
        Refused("TreeEnsemble", Tensors("nodes_truenodeids", new[] { 0L, 0 }), "node 0 has child 0, which is a root, has another parent or is its own ancestor");
        Refused("TreeEnsemble", Tensors("tree_roots", new[] { 2L }), "tree 0, node 2 is no root");
        Refused("TreeEnsemble", Tensors("tree_roots", new[] { 0L, 0 }), "tree 1, node 0 is no root");
        Refused("TreeEnsemble", Tensors("tree_roots", new[] { 0L, 1 }), "node 0 has child 1, which is a root");
        Refused("TreeEnsemble", Tensors("nodes_featureids", new[] { 0L, 2 }), "tree 0, node 1 has feature 2 of 2");
        Refused("TreeEnsemble", Tensors("nodes_featureids", new[] { 0L }), "'nodes_featureids' has 1 entries; expected 2");
        Refused("TreeEnsemble", Tensors("nodes_splits", Floats(0, float.NaN)), "tree 0, node 1 has a threshold that is NaN");
        Refused("TreeEnsemble", Tensors("leaf_targetids", new[] { 0L, 0, 5 }), "tree 0, node 2 is a leaf with the weight 3 for target 5 of 1");
        Refused("TreeEnsemble", Tensors("leaf_weights", Floats(1, 2, float.NaN)), "tree 0, node 2 is a leaf with the weight NaN");
        Refused("TreeEnsemble", Tensors("leaf_targetids", new[] { 0L }), "'leaf_targetids' has 1 entries; expected 3");
        Refused("TreeEnsemble", Tensors("nodes_modes", new OnnxAttribute { Tensor = OnnxTensor.Of((ReadOnlySpan<byte>)[0, 7], 2) }), "tree 0, node 1 has the mode 7");
        Refused("TreeEnsemble", Tensors("nodes_modes", new[] { 0L, 0 }), "expected a tensor of uint8");
        Refused("TreeEnsemble", Tensors("membership_values", Floats(1)), "'membership_values' has 1 entries more");
        Refused("TreeEnsemble", Tensors("aggregate_function", 9L), "aggregate function 9");
        Refused("TreeEnsemble", Tensors("post_transform", 9L), "post transform 9");
        var sets = Tensors("membership_values", Floats(1));
        sets["nodes_modes"] = new OnnxAttribute { Tensor = OnnxTensor.Of((ReadOnlySpan<byte>)[6, 6], 2) };
        Refused("TreeEnsemble", sets, "node 1 asks for a set, and 'membership_values' has none left for it");
    }

    [Fact]
    public void Sets_of_fractions_that_would_cost_a_great_many_copies_are_refused()
    {
        // Twelve nodes in a chain of yes, each a set of five fractions: five to the twelfth copies.
        const int Depth = 12;
        var members = Enumerable.Range(0, Depth).SelectMany(_ => (float[])[0.5f, 1.5f, 2.5f, 3.5f, 4.5f, float.NaN]).ToArray();
        var attributes = new Dictionary<string, OnnxAttribute>
        {
            ["tree_roots"] = new[] { 0L },
            ["nodes_modes"] = new OnnxAttribute { Tensor = OnnxTensor.Of(Enumerable.Repeat((byte)6, Depth).ToArray(), Depth) },
            ["nodes_splits"] = Floats(new float[Depth]),
            ["nodes_featureids"] = new long[Depth],
            ["nodes_truenodeids"] = Enumerable.Range(0, Depth).Select(i => i + 1 < Depth ? i + 1L : 0).ToArray(),
            ["nodes_trueleafs"] = Enumerable.Range(0, Depth).Select(i => i + 1 < Depth ? 0L : 1).ToArray(),
            ["nodes_falsenodeids"] = new long[Depth],
            ["nodes_falseleafs"] = Enumerable.Repeat(1L, Depth).ToArray(),
            ["leaf_targetids"] = new[] { 0L },
            ["leaf_weights"] = Floats(1),
            ["membership_values"] = Floats(members),
        };
        Refused("TreeEnsemble", attributes, "copies of nodes");
    }

    [Theory]
    [InlineData("TreeEnsembleRegressor")]
    [InlineData("TreeEnsembleClassifier")]
    [InlineData("TreeEnsemble")]
    public void Whatever_stands_in_a_list_an_operator_is_read_or_refused_with_a_typed_error(string op)
    {
        long[] odd = [-1, 0, 1, 2, 3, 7, 1L << 31, 1L << 40, long.MaxValue, long.MinValue];
        float[] oddNumbers = [float.NaN, float.PositiveInfinity, -0f, -1, 0.5f, 1e30f];
        var (read, refused) = (0, 0);
        for (var seed = 0; seed < 4000; seed++)
        {
            var random = new Random(seed);
            var attributes = op == "TreeEnsemble" ? Sets() : Lists(Good());
            if (op == "TreeEnsembleClassifier")
            {
                attributes = AsClassifier(attributes);
                attributes["classlabels_int64s"] = new[] { 4L, 9 };
            }

            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var (name, value) = attributes.ElementAt(random.Next(attributes.Count));
                attributes[name] = value switch
                {
                    { Ints: { Length: > 0 } ints } => random.Next(6) == 0 ? ints[1..] : ints.Select(id => random.Next(3) == 0 ? odd[random.Next(odd.Length)] : id).ToArray(),
                    { Floats: { Length: > 0 } floats } => floats.Select(x => random.Next(3) == 0 ? oddNumbers[random.Next(oddNumbers.Length)] : x).ToArray(),
                    { Tensor: { Type: ElementType.Float32 } tensor } => Floats([.. tensor.Floats().Select(x => random.Next(3) == 0 ? oddNumbers[random.Next(oddNumbers.Length)] : x)]),
                    { Tensor: { Type: ElementType.UInt8 } tensor } => new OnnxAttribute { Tensor = OnnxTensor.Of([.. tensor.Data.ToArray().Select(_ => (byte)random.Next(9))], tensor.Shape[0]) },
                    { Int: not null } => odd[random.Next(odd.Length)],
                    _ => value,
                };
            }

            try
            {
                Read(op, attributes);
                read++;
            }
            catch (MlpException)
            {
                refused++;
            }
        }

        Assert.True(read > 50 && refused > 50, $"{read} read, {refused} refused");
    }

    [Theory]
    [InlineData("TreeEnsembleRegressor")]
    [InlineData("TreeEnsemble")]
    public void A_tree_of_a_million_nodes_is_read_in_time_that_grows_with_it(string op)
    {
        // A chain, the deepest tree there is. Quadratic work would take hours, and recursion overflow the stack.
        const int Branches = 500_000;
        var builder = new TreeEnsembleBuilder(1).BeginTree();
        for (var i = 0; i < Branches; i++)
        {
            builder.Branch(NodeMode.LessOrEqual, 0, i, (2 * i) + 1, (2 * i) + 2).Leaf(i);
        }

        var ensemble = builder.Leaf(-1).Build();
        var model = TreeEnsembleOnnx.Regressor(ensemble);
        var node = op == "TreeEnsemble" ? AsTensors(ensemble) : model.Graph.Nodes[0];
        var read = TreeEnsembleNode.Read(node, 1).Ensemble;
        Assert.Equal(ensemble.Nodes.Length, read.Nodes.Length);
        Assert.Equal(Branches + 1, read.Weights.Length);
    }

    private static OnnxNode AsTensors(TreeEnsemble ensemble)
    {
        var writer = new TreeTensorWriter(asDoubles: false);
        writer.Add(ensemble);
        return new OnnxNode { OpType = "TreeEnsemble", Domain = TreeEnsembleOnnx.Domain, Attributes = writer.Attributes() };
    }

    private static Dictionary<string, OnnxAttribute> Sets()
    {
        var attributes = Tensors("membership_values", Floats(1, 2.5f, float.NaN, 70, 3));
        attributes["nodes_modes"] = new OnnxAttribute { Tensor = OnnxTensor.Of((ReadOnlySpan<byte>)[6, 6], 2) };
        return attributes;
    }

    // Tree 3 is a leaf, tree 5 a question with two.
    private static TreeEnsemble Good() =>
        new TreeEnsembleBuilder(2, 2).BeginTree().Leaf([new(0, 1)]).BeginTree().Branch(NodeMode.Less, 0, 1, 1, 2).Leaf([new(0, 2)]).Leaf([new(1, 3)]).Build();

    private static Dictionary<string, OnnxAttribute> Lists(TreeEnsemble ensemble)
    {
        var attributes = new Dictionary<string, OnnxAttribute>(TreeEnsembleOnnx.Regressor(ensemble).Graph.Nodes[0].Attributes);
        foreach (var name in (string[])["nodes_treeids", "target_treeids"])
        {
            attributes[name] = Array.ConvertAll(attributes[name].Ints!, id => id == 0 ? 3L : 5);
        }

        Assert.Equal(4, Read("TreeEnsembleRegressor", attributes).Ensemble.Nodes.Length);
        return attributes;
    }

    private static Dictionary<string, OnnxAttribute> With(string name, OnnxAttribute value)
    {
        var attributes = Lists(Good());
        attributes[name] = value;
        return attributes;
    }

    private static Dictionary<string, OnnxAttribute> AsClassifier(Dictionary<string, OnnxAttribute> lists) =>
        lists.ToDictionary(pair => pair.Key.Replace("target_", "class_", StringComparison.Ordinal), pair => pair.Value);

    // A root whose yes is node 1, and three leaves.
    private static Dictionary<string, OnnxAttribute> Tensors(string name, OnnxAttribute value)
    {
        var ensemble = new TreeEnsembleBuilder(2).BeginTree().Branch(NodeMode.LessOrEqual, 0, 0, 1, 4).Branch(NodeMode.LessOrEqual, 1, 0, 2, 3).Leaf(1).Leaf(2).Leaf(3).Build();
        var attributes = new Dictionary<string, OnnxAttribute>(AsTensors(ensemble).Attributes);
        Assert.Equal(5, Read("TreeEnsemble", attributes).Ensemble.Nodes.Length);
        attributes[name] = value;
        return attributes;
    }

    private static OnnxAttribute Floats(params float[] values) => new() { Tensor = OnnxTensor.Of(values, values.Length) };

    private static TreeEnsembleNode Read(string op, Dictionary<string, OnnxAttribute> attributes) =>
        TreeEnsembleNode.Read(new OnnxNode { OpType = op, Domain = TreeEnsembleOnnx.Domain, Name = "n1", Attributes = attributes }, 2);

    private static void Refused(string op, Dictionary<string, OnnxAttribute> attributes, string message)
    {
        var error = Assert.Throws<MlpException>(() => Read(op, attributes));
        Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.StartsWith($"ai.onnx.ml.{op} 'n1': ", error.Message, StringComparison.Ordinal);
    }
}
