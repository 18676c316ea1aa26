using System.Text;
using System.Text.Json.Nodes;

namespace Mlp.Core.Tests.Trainers;

public class XgboostModelTests
{
    [Fact]
    public void A_file_says_what_the_model_is()
    {
        var model = XgboostModel.Read(XgboostFile.Json);
        Assert.Equal(XgboostBooster.GbTree, model.Booster);
        Assert.Equal("reg:squarederror", model.Objective);
        Assert.Equal(new Version(1, 7), model.Version);
        Assert.Equal(["a", "b", "c"], model.FeatureNames);
        Assert.Equal(["float", "int", "c"], model.FeatureTypes);
        Assert.Equal((3, 1, 2, 2, null), (model.FeatureCount, model.TargetCount, model.IterationCount, model.IterationsUsed, model.BestIteration));
        Assert.Null(model.Linear);

        var ensemble = model.Ensemble!;
        Assert.Equal([0, 5], ensemble.Roots.ToArray());
        Assert.Equal([0.5], ensemble.BaseValues.ToArray());
        Assert.True(ensemble.Output.SumFromBase);
        Assert.Equal("reg:squarederror", ensemble.Output.Objective);
        Assert.Equal([1UL, 2UL], ensemble.SetOf(ensemble.Nodes[5]).ToArray());
    }

    [Fact]
    public void A_node_keeps_the_number_that_xgboost_gave_it()
    {
        var model = XgboostModel.Read(XgboostFile.Json);
        Assert.Equal([0, 1, 2, 3, 4], Enumerable.Range(0, 5).Select(node => model.NodeId(0, node)));
        Assert.Equal([0, 3, 4], Enumerable.Range(0, 3).Select(node => model.NodeId(1, node)));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.NodeId(1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.NodeId(2, 0));
    }

    [Theory]
    [InlineData("\uFEFF")]
    [InlineData("\r\n\t ")]
    public void What_may_stand_before_json_may_stand_there(string before) => Assert.NotNull(XgboostModel.Read([.. Encoding.UTF8.GetBytes(before), .. XgboostFile.Json, (byte)'\n']).Ensemble);

    [Fact]
    public void The_trees_up_to_the_best_iteration_are_used_unless_all_are_asked_for()
    {
        var file = XgboostFile.With(root => root.Learner()["attributes"]!["best_iteration"] = "0");
        var best = XgboostModel.Read(file);
        var all = XgboostModel.Read(file, XgboostTrees.All);
        Assert.Equal((0, 2, 1, 1), (best.BestIteration, best.IterationCount, best.IterationsUsed, best.Ensemble!.Roots.Length));
        Assert.Equal((0, 2, 2, 2), (all.BestIteration, all.IterationCount, all.IterationsUsed, all.Ensemble!.Roots.Length));
    }

    [Fact]
    public void A_best_iteration_that_the_file_lacks_is_refused_with_the_way_out()
    {
        var file = XgboostFile.With(root => root.Learner()["attributes"]!["best_iteration"] = "2");
        Assert.Contains("XgboostTrees.All", Refused(file).Message, StringComparison.Ordinal);
        Assert.Equal(2, XgboostModel.Read(file, XgboostTrees.All).IterationsUsed);
    }

    [Fact]
    public void Newer_files_say_where_iterations_begin_and_have_a_base_score_a_target()
    {
        var model = XgboostFile.Read(root =>
        {
            root["version"] = new JsonArray(3, 1, 0);
            root.Model()["iteration_indptr"] = new JsonArray(0, 2);
            root.Model()["cats"] = JsonNode.Parse("""{"enc":[{"offsets":[0,1],"values":[97]}],"feature_segments":[0,1],"sorted_idx":[0]}""");
            root.Model()["tree_info"] = new JsonArray(0, 1);
            root.Parameters()["base_score"] = "[2.5E-1,-1E0]";
            root.Parameters()["num_target"] = "2";
            root.Learner()["attributes"]!["best_iteration"] = "0";
            root.Tree(0)["tree_param"]!["size_leaf_vector"] = "1";
        });
        Assert.Equal([0.25, -1], model.Ensemble!.BaseValues.ToArray());
        Assert.Equal((1, 1, 2), (model.IterationCount, model.IterationsUsed, model.Ensemble.Roots.Length));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Trees_whose_leaves_are_vectors_give_each_target_its_weight(bool hasLeafWeights)
    {
        var model = XgboostFile.Read(root =>
        {
            root.Model()["trees"]!.AsArray().RemoveAt(1);
            root.Model()["tree_info"] = new JsonArray(0);
            root.Model()["gbtree_model_param"]!["num_trees"] = "1";
            root.Parameters()["num_target"] = "2";
            var tree = root.Tree(0);
            tree["tree_param"]!["size_leaf_vector"] = "2";
            if (hasLeafWeights)
            {
                // Since 3.1: a leaf's right child says which of the leaves' weights are its own.
                tree["leaf_weights"] = new JsonArray(5, 50, 1, 10, 3, 30);
                tree["right_children"] = new JsonArray(2, 1, 4, 2, 0);
            }
            else
            {
                tree["base_weights"] = new JsonArray(0, 0, 1, 10, 0, 0, 3, 30, 5, 50);
            }
        });
        Assert.Equal((2, 1), (model.TargetCount, model.IterationCount));
        Assert.Equal(
            [new(0, 1), new(1, 10), new(0, 3), new(1, 30), new(0, 5), new(1, 50)],
            new[] { 1, 3, 4 }.SelectMany(node => model.Ensemble!.WeightsOf(model.Ensemble.Nodes[node]).ToArray()).ToArray());
    }

    [Fact]
    public void Older_files_lack_what_came_later()
    {
        var model = XgboostFile.Read(root =>
        {
            root.Learner().AsObject().Remove("attributes");
            root.Learner().AsObject().Remove("feature_names");
            root.Learner().AsObject().Remove("feature_types");
            root.AsObject().Remove("version");
            root.Parameters().AsObject().Remove("num_target");
            root.Model()["gbtree_model_param"]!.AsObject().Remove("num_parallel_tree");
            root.Tree(0).AsObject().Remove("split_type");
            root.Tree(0)["default_left"] = new JsonArray(true, false, false, false, false);
        });
        Assert.Equal(2, model.IterationCount);
        Assert.True(model.Ensemble!.Nodes[0].MissingGoesTrue);
    }

    [Theory]
    [InlineData("reg:squarederror", PostTransform.None, 0.3f)]
    [InlineData("reg:linear", PostTransform.None, 0.3f)]
    [InlineData("reg:squaredlogerror", PostTransform.None, 0.3f)]
    [InlineData("reg:pseudohubererror", PostTransform.None, 0.3f)]
    [InlineData("reg:absoluteerror", PostTransform.None, 0.3f)]
    [InlineData("reg:quantileerror", PostTransform.None, 0.3f)]
    [InlineData("rank:pairwise", PostTransform.None, 0.3f)]
    [InlineData("rank:ndcg", PostTransform.None, 0.3f)]
    [InlineData("rank:map", PostTransform.None, 0.3f)]
    [InlineData("binary:logitraw", PostTransform.None, 0.3f)]
    [InlineData("binary:hinge", PostTransform.Hinge, 0.3f)]
    [InlineData("reg:logistic", PostTransform.Logistic, -0.84729785f)]
    [InlineData("binary:logistic", PostTransform.Logistic, -0.84729785f)]
    [InlineData("count:poisson", PostTransform.Exp, -1.2039728f)]
    [InlineData("reg:gamma", PostTransform.Exp, -1.2039728f)]
    [InlineData("reg:tweedie", PostTransform.Exp, -1.2039728f)]
    [InlineData("survival:cox", PostTransform.Exp, -1.2039728f)]
    [InlineData("survival:aft", PostTransform.Exp, -1.2039728f)]
    [InlineData("multi:softmax", PostTransform.ArgMax, 0.3f)]
    [InlineData("multi:softprob", PostTransform.Softmax, 0.3f)]
    public void An_objective_has_its_transform_and_its_margin_of_a_base_score(string objective, PostTransform transform, float margin)
    {
        var model = XgboostFile.Read(root =>
        {
            root.Learner()["objective"]!["name"] = objective;
            root.Parameters()["base_score"] = "3E-1";
        });
        Assert.Equal(transform, model.PostTransform);
        Assert.Equal(transform, model.Ensemble!.PostTransform);
        Assert.Equal(margin, model.Ensemble.BaseValues[0], 1e-7);
    }

    [Fact]
    public void A_logistic_base_score_of_0_or_1_is_held_off_the_edge_as_newer_xgboost_does()
    {
        static byte[] File(int major, string score) => XgboostFile.With(root =>
        {
            root["version"] = new JsonArray(major, 1, 0);
            root.Learner()["objective"]!["name"] = "binary:logistic";
            root.Parameters()["base_score"] = score;
        });
        Assert.Equal(-13.8155, XgboostModel.Read(File(3, "[0E0]")).Ensemble!.BaseValues[0], 1e-3);
        Assert.Equal(13.8155, XgboostModel.Read(File(3, "[1E0]")).Ensemble!.BaseValues[0], 0.1);
        Assert.Contains("base_score 0", Refused(File(1, "0E0")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_linear_booster_leaves_missing_features_out_and_adds_in_order()
    {
        var model = XgboostModel.Read("""
            {"learner":{"gradient_booster":{"model":{"boosted_rounds":7,"weights":[1E0,-1E0,2E0,0.5E0,1E-1,2E-1]},"name":"gblinear"},
            "learner_model_param":{"base_score":"5E-1","num_class":"2","num_feature":"2"},"objective":{"name":"multi:softmax"}}}
            """u8);
        var linear = model.Linear!;
        Assert.Equal((XgboostBooster.GbLinear, 7, 2, 1), (model.Booster, model.IterationCount, linear.TargetCount, linear.OutputCount));
        Assert.Null(model.Ensemble);
        Assert.Equal([0.1f, 0.2f], linear.Biases.ToArray());
        var margins = new float[4];
        linear.Margin([3, 4, float.NaN, 4], margins);
        Assert.Equal([0.1f + 0.5f + 3 + 8, 0.2f + 0.5f - 3 + 2, 0.1f + 0.5f + 8, 0.2f + 0.5f + 2], margins);
        Assert.Equal(ErrorCodes.TensorMismatch, Assert.Throws<MlpException>(() => linear.Margin([1], margins)).Code);
    }

    private static MlpException Refused(byte[] file)
    {
        var error = Assert.Throws<MlpException>(() => XgboostModel.Read(file));
        Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
        return error;
    }
}
