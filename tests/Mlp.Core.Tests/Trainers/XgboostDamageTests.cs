using System.Text;
using System.Text.Json.Nodes;

namespace Mlp.Core.Tests.Trainers;

public class XgboostDamageTests
{
    public static TheoryData<string, int, string, string> Columns => new()
    {
        { "left_children", 2, "9", "Tree 0, node 2 has child 9 of 5 nodes." },
        { "right_children", 2, "-2", "Tree 0, node 2 has child -2 of 5 nodes." },
        { "right_children", 2, "0", "Tree 0, node 2 has child 0, which has another parent or is its own ancestor." },
        { "left_children", 2, "2", "Tree 0, node 2 has child 2, which has another parent or is its own ancestor." },
        { "right_children", 2, "3", "Tree 0, node 2 has child 3, which has another parent or is its own ancestor." },
        { "left_children", 2, "-1", "Tree 0, node 2 has a right child 4 and no left one." },
        { "split_indices", 2, "3", "Tree 0, node 2 has feature 3 of 3." },
        { "split_indices", 2, "-1", "Tree 0, node 2 has feature -1 of 3." },
        { "split_indices", 3, "2147483647", "Tree 0, node 2 has child 3, which is deleted." },
        { "split_conditions", 2, "NaN", "Tree 0, node 2 has a threshold that is NaN." },
        { "split_conditions", 3, "NaN", "Tree 0, node 3 has a weight that is NaN." },
        { "split_type", 2, "1", "Tree 0, node 2 has no categories, which its 'split_type' asks for." },
        { "split_conditions", 1, "1e39", "Tree 0: Element 1 of 'split_conditions': The model has '1e39' at byte " },
        { "split_indices", 1, "3000000000", "Tree 0: Element 1 of 'split_indices': The model's 'split_indices' at byte " },
        { "split_indices", 1, "99999999999999999999", "Tree 0: Element 1 of 'split_indices': The model has '99999999999999999999' at byte " },
        { "split_indices", 1, "0.5", "Tree 0: Element 1 of 'split_indices': The model has '0.5' at byte " },
        { "split_indices", 1, "[]", "Tree 0: Element 1 of 'split_indices': The model has 'an object or array' at byte " },
        { "default_left", 1, "null", "Tree 0: Element 1 of 'default_left': The model has 'null' at byte " },
    };

    [Theory]
    [MemberData(nameof(Columns))]
    public void A_damaged_node_is_refused_with_tree_and_node(string column, int element, string value, string message)
    {
        // A mark of its own first: the value may be none that JSON has.
        var file = Encoding.UTF8.GetString(XgboostFile.With(root => root.Tree(0)[column]![element] = "mark")).Replace("\"mark\"", value, StringComparison.Ordinal);
        Assert.StartsWith(message, Refused(Encoding.UTF8.GetBytes(file)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("left_children")]
    [InlineData("right_children")]
    [InlineData("split_indices")]
    [InlineData("split_conditions")]
    [InlineData("default_left")]
    [InlineData("split_type")]
    public void Columns_of_another_length_are_refused_with_tree_and_name(string column)
    {
        Assert.Equal($"Tree 1 has 4 elements in '{column}'; 'num_nodes' says 5.", Refused(root => root.Tree(1)[column]!.AsArray().RemoveAt(4)));
        Assert.Equal($"Tree 1 has 6 elements in '{column}'; 'num_nodes' says 5.", Refused(root => root.Tree(1)[column]!.AsArray().Add(0)));
    }

    [Fact]
    public void Nodes_that_nothing_leads_to_are_refused_unless_they_are_deleted()
    {
        Assert.Equal("Tree 1, node 1 has no parent.", Refused(root => root.Tree(1)["split_indices"]![1] = 0));
        Assert.Equal("Tree 0, node 3 has no parent.", Refused(root =>
        {
            // Each of these has one parent, and yet none is in the tree: 3 leads to itself and to 4.
            root.Tree(0)["left_children"] = new JsonArray(1, -1, -1, 3, -1);
            root.Tree(0)["right_children"] = new JsonArray(2, -1, -1, 4, -1);
        }));
        Assert.Equal("Tree 1 has 2 deleted nodes; 'num_deleted' says 3.", Refused(root => root.Tree(1)["tree_param"]!["num_deleted"] = "3"));
    }

    [Theory]
    [InlineData("categories_nodes", "[7]", "Tree 1 has categories of node 7 of 5.")]
    [InlineData("categories_nodes", "[0,0]", "Tree 1 has 2 elements in 'categories_nodes', 1 in 'categories_segments' and 1 in 'categories_sizes'.")]
    [InlineData("categories_sizes", "[3]", "Tree 1, node 0 has the 3 categories from 0 on, of 2.")]
    [InlineData("categories_segments", "[-1]", "Tree 1, node 0 has the 2 categories from -1 on, of 2.")]
    [InlineData("categories_segments", "[2147483647]", "Tree 1, node 0 has the 2 categories from 2147483647 on, of 2.")]
    [InlineData("categories", "[0,-1]", "Tree 1, node 0 has category -1; expected 0 to 16777215.")]
    [InlineData("categories", "[0,16777216]", "Tree 1, node 0 has category 16777216; expected 0 to 16777215.")]
    public void Damaged_categories_are_refused_with_tree_and_node(string column, string value, string message) =>
        Assert.Equal(message, Refused(root => root.Tree(1)[column] = JsonNode.Parse(value)));

    [Fact]
    public void Counts_that_do_not_fit_are_refused()
    {
        Assert.Equal("The model has 2 trees; 'num_trees' says 3.", Refused(root => root.Model()["gbtree_model_param"]!["num_trees"] = "3"));
        Assert.Equal("The model has 1 elements in 'tree_info' for 2 trees.", Refused(root => root.Model()["tree_info"] = new JsonArray(0)));
        Assert.Equal("Tree 1 has the target 1 of 1 in 'tree_info'.", Refused(root => root.Model()["tree_info"] = new JsonArray(0, 1)));
        Assert.Equal("The model has 2 trees, which are no whole iterations of 3 ('num_parallel_tree' 1, 3 targets).", Refused(root => root.Parameters()["num_class"] = "3"));
        Assert.Equal("The model has 2 feature names for 3 features.", Refused(root => root.Learner()["feature_names"] = new JsonArray("a", "b")));
        Assert.Equal("The model has 4 feature types for 3 features.", Refused(root => root.Learner()["feature_types"] = new JsonArray("c", "c", "c", "c")));
        Assert.Equal("The model has no trees.", Refused(root => (root.Model()["trees"], root.Model()["tree_info"]) = (new JsonArray(), new JsonArray())));
        Assert.Equal("The model has 3 values in 'base_score' for 1 targets.", Refused(root => root.Parameters()["base_score"] = "[1,2,3]"));
        Assert.Equal("The model has the 'base_score' 'half'; expected a number or a list of them.", Refused(root => root.Parameters()["base_score"] = "half"));
        Assert.Equal("The model has no features ('num_feature').", Refused(root => root.Parameters()["num_feature"] = "0"));
        Assert.StartsWith("The model's 'num_feature' at byte ", Refused(root => root.Parameters()["num_feature"] = "-3"), StringComparison.Ordinal);
        Assert.StartsWith("The model's 'num_class' at byte ", Refused(root => root.Parameters()["num_class"] = "3000000000"), StringComparison.Ordinal);
        Assert.StartsWith("The model has an 'iteration_indptr' that does not lead from 0 to its 2 trees.", Refused(root => root.Model()["iteration_indptr"] = new JsonArray(0, 3)), StringComparison.Ordinal);
        Assert.StartsWith("The model has an iteration without trees", Refused(root => root.Model()["iteration_indptr"] = new JsonArray(0, 3, 2)), StringComparison.Ordinal);
        Assert.Equal("The model has the 'best_iteration' 'x'; expected a count from 0.", Refused(root => root.Learner()["attributes"]!["best_iteration"] = "x"));
        Assert.Equal("Tree 1 has leaves of 2 targets ('size_leaf_vector') for 1.", Refused(root =>
        {
            root.Tree(1)["tree_param"]!["size_leaf_vector"] = "2";
            root.Tree(1)["base_weights"] = new JsonArray(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        }));
        Assert.Equal("Tree 1 has 5 elements in 'base_weights' for 5 nodes of 2000000000 targets.", Refused(root => root.Tree(1)["tree_param"]!["size_leaf_vector"] = "2000000000"));
    }

    [Fact]
    public void Weights_of_dart_are_one_a_tree_and_only_dart_s()
    {
        static void Dart(JsonNode root, string weights) => root.Learner()["gradient_booster"] = new JsonObject
        {
            ["name"] = "dart",
            ["gbtree"] = root.Booster().DeepClone(),
            ["weight_drop"] = JsonNode.Parse(weights),
        };
        Assert.Equal(0.5, XgboostFile.Read(root => Dart(root, "[0.5,0.25]")).Ensemble!.Weights[0].Weight);
        Assert.Equal("The model has 1 elements in 'weight_drop' for 2 trees of dart.", Refused(root => Dart(root, "[0.5]")));
        Assert.Equal("The model has 2 elements in 'weight_drop' for 2 trees of gbtree.", Refused(root => root.Booster()["weight_drop"] = new JsonArray(1, 1)));
    }

    [Fact]
    public void Weights_of_a_linear_booster_are_those_of_its_features_and_biases()
    {
        static string Linear(string weights) => Refused(Encoding.UTF8.GetBytes(
            """{"learner":{"gradient_booster":{"model":{"weights":WEIGHTS},"name":"gblinear"},"learner_model_param":{"base_score":"1","num_feature":"2"},"objective":{"name":"reg:gamma"}}}"""
                .Replace("WEIGHTS", weights, StringComparison.Ordinal)));
        Assert.Equal("The model has 2 'weights' for 2 features and a bias, each of 1 targets.", Linear("[1,2]"));
        Assert.Equal("The model has a NaN in 'weights', the element 1.", Linear("[1,NaN,2]"));
    }

    [Fact]
    public void Unknown_boosters_and_objectives_are_refused_by_name()
    {
        Assert.Equal("The model's objective 'reg:imaginary' is not supported.", Refused(root => root.Learner()["objective"]!["name"] = "reg:imaginary"));
        Assert.Contains("the booster 'gbforest'", Refused(root => root.Booster()["name"] = "gbforest"), StringComparison.Ordinal);
        Assert.Contains("'objective'", Refused(root => root.Learner().AsObject().Remove("objective")), StringComparison.Ordinal);
        Assert.Contains("'gradient_booster'", Refused(root => root.Learner().AsObject().Remove("gradient_booster")), StringComparison.Ordinal);
        Assert.Contains("no 'learner'", Refused("{\"Model\":{\"learner\":{}},\"Config\":{}}"u8.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("binf\0\0\0?")]
    [InlineData("bs64")]
    [InlineData("booster[0]:\n0:[f0<0.5]")]
    public void The_old_binary_format_is_refused_with_what_to_do(string file) =>
        Assert.Contains("booster.save_model(\"model.json\")", Refused(Encoding.UTF8.GetBytes(file)), StringComparison.Ordinal);

    [Fact]
    public void A_file_cut_off_anywhere_is_refused()
    {
        for (var length = 0; length < XgboostFile.Json.Length; length++)
        {
            Refused(XgboostFile.Json[..length]);
        }
    }

    [Fact]
    public void Objects_within_objects_have_a_limit()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string('}', 100_000);
        Assert.Contains("depth", Refused(Encoding.UTF8.GetBytes(deep)), StringComparison.OrdinalIgnoreCase);
        Refused(Encoding.UTF8.GetBytes("{\"learner\":" + new string('[', 100_000)));
    }

    private static string Refused(Action<JsonNode> change) => Refused(XgboostFile.With(change));

    private static string Refused(byte[] file)
    {
        var error = Assert.Throws<MlpException>(() => XgboostModel.Read(file));
        Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
        return error.Message;
    }
}
