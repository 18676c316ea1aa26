namespace Mlp.Core.Tests.Trainers;

public class LightGbmModelTests
{
    [Fact]
    public void What_the_file_says_of_the_model_is_told()
    {
        var model = LightGbmSample.Read();
        Assert.Equal("v4", model.Version);
        Assert.Equal("binary sigmoid:0.5", model.Objective);
        Assert.Equal(2, model.ClassCount);
        Assert.Equal(1, model.TreesPerIteration);
        Assert.Equal(3, model.IterationCount);
        Assert.Equal(["speed", "f_é", "colour", "size"], model.FeatureNames);
        Assert.Equal(["[-1.5:2]", "none", "0:1:2:40", "[0:9]"], model.FeatureInfos);
        Assert.Equal(2, model.Categories.Count);
        Assert.Equal(["red", "é"], model.Categories[0]);
        Assert.Equal(["1", "2.5", "null", "true"], model.Categories[1]);

        var ensemble = model.Ensemble;
        Assert.Equal((ElementType.Float64, ElementType.Float64), (ensemble.Input, ensemble.Sum));
        Assert.Equal((4, 1, 3), (ensemble.FeatureCount, ensemble.TargetCount, ensemble.Roots.Length));
        Assert.Equal((PostTransform.Logistic, 0.5), (ensemble.PostTransform, ensemble.Output.LogisticScale));
        Assert.Equal([0L, 1], ensemble.Output.LabelNumbers);
        Assert.Equal(model.FeatureNames, ensemble.Output.FeatureNames);
    }

    [Fact]
    public void Numbers_are_read_to_the_last_bit()
    {
        var ensemble = LightGbmSample.Read().Ensemble;
        Assert.Equal(0.1, ensemble.Nodes[0].Threshold);
        Assert.Equal([0.5, -0.25, 1.0000000000000002, -1e-300], ensemble.NodesOf(0)[3..].ToArray().Select(leaf => ensemble.WeightsOf(leaf)[0].Weight));
        Assert.Equal(0.125, ensemble.WeightsOf(ensemble.NodesOf(1)[0])[0].Weight);
        Assert.Equal(1e300, ensemble.NodesOf(2)[1].Threshold);
    }

    [Fact]
    public void A_set_of_words_of_32_bits_has_the_same_categories()
    {
        var ensemble = LightGbmSample.Read().Ensemble;
        Assert.Equal([5 | (256UL << 32)], ensemble.SetOf(ensemble.Nodes[1]).ToArray());
        Assert.Equal([2147483648UL], ensemble.SetOf(ensemble.Nodes[2]).ToArray());
    }

    [Fact]
    public void A_linear_leaf_without_terms_is_its_constant()
    {
        var ensemble = LightGbmSample.Read().Ensemble;
        var leaves = ensemble.NodesOf(2)[2..];
        Assert.Equal([new LeafCoefficient(0, 1.5), new(3, -2)], ensemble.LinearOf(leaves[0], out var constant).ToArray());
        Assert.Equal((0.5, 1.0), (constant, ensemble.WeightsOf(leaves[0])[0].Weight));
        Assert.False(leaves[1].IsLinear);
        Assert.Equal(-1, ensemble.WeightsOf(leaves[1])[0].Weight);
        Assert.Equal([new LeafCoefficient(1, 0.25)], ensemble.LinearOf(leaves[2], out _).ToArray());
    }

    [Theory]
    [InlineData(0, -1, NodeFlags.None)] // NaN is 0, and 0 is above
    [InlineData(0, 0.5, NodeFlags.MissingGoesTrue)]
    [InlineData(2, 0.5, NodeFlags.MissingGoesTrue)] // the default side counts for nothing where nothing is missing
    [InlineData(4, 0.5, NodeFlags.ZeroIsMissing)]
    [InlineData(6, -1, NodeFlags.ZeroIsMissing | NodeFlags.MissingGoesTrue)]
    [InlineData(8, 0.5, NodeFlags.None)]
    [InlineData(10, -1, NodeFlags.MissingGoesTrue)]
    public void Missing_values_go_where_the_decision_type_says(int decision, double threshold, NodeFlags flags)
    {
        var model = LightGbmSample.Read(LightGbmSample.Text.Replace("decision_type=10 1 9", $"decision_type={decision} 1 9", StringComparison.Ordinal).Replace("0.10000000000000001", FormattableString.Invariant($"{threshold}"), StringComparison.Ordinal));
        Assert.Equal(flags, model.Ensemble.Nodes[0].Flags);
    }

    [Fact]
    public void Files_with_carriage_returns_are_read()
    {
        var model = LightGbmSample.Read(LightGbmSample.Text.Replace("\n", "\r\n", StringComparison.Ordinal));
        Assert.Equal("binary sigmoid:0.5", model.Objective);
        Assert.Equal(3, model.IterationCount);
    }

    [Fact]
    public void Fewer_iterations_are_the_first_ones()
    {
        var model = LightGbmSample.Read(options: new LightGbmOptions { Iterations = 2, Input = ElementType.Float32, Sum = ElementType.Float32 });
        Assert.Equal(2, model.IterationCount);
        Assert.Equal(2, model.Ensemble.Roots.Length);
        Assert.Equal(MathF.BitDecrement(0.1f), model.Ensemble.Nodes[0].Threshold);
        var error = Assert.Throws<MlpException>(() => LightGbmSample.Read(options: new LightGbmOptions { Iterations = 4 }));
        Assert.Contains("3 iterations; 4", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => LightGbmSample.Read(options: new LightGbmOptions { Iterations = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => LightGbmSample.Read(options: new LightGbmOptions { Sum = ElementType.Int32 }));
    }

    [Theory]
    [InlineData("regression", PostTransform.None, 1, 0)]
    [InlineData("regression sqrt", PostTransform.SignedSquare, 1, 0)]
    [InlineData("quantile alpha:0.3", PostTransform.None, 1, 0)]
    [InlineData("tweedie tweedie_variance_power:1.5", PostTransform.Exp, 1, 0)]
    [InlineData("cross_entropy", PostTransform.Logistic, 1, 0)]
    [InlineData("cross_entropy_lambda", PostTransform.LogOnePlusExp, 1, 0)]
    [InlineData("lambdarank", PostTransform.None, 1, 0)]
    [InlineData("custom", PostTransform.None, 1, 0)]
    [InlineData("multiclass num_class:3", PostTransform.Softmax, 3, 3)]
    [InlineData("multiclassova num_class:3 sigmoid:2", PostTransform.Logistic, 3, 3)]
    public void An_objective_has_its_link(string objective, PostTransform transform, int targets, int classes)
    {
        var text = LightGbmSample.Text
            .Replace("binary sigmoid:0.5", objective, StringComparison.Ordinal)
            .Replace("per_iteration=1", $"per_iteration={targets}", StringComparison.Ordinal);
        var model = LightGbmSample.Read(text);
        Assert.Equal(transform, model.Ensemble.PostTransform);
        Assert.Equal((targets, classes), (model.Ensemble.TargetCount, model.ClassCount));
        Assert.Equal(3 / targets, model.IterationCount);
    }

    [Fact]
    public void A_model_without_an_objective_gives_raw_scores()
    {
        var model = LightGbmSample.ReadWith("objective=binary sigmoid:0.5\n", "");
        Assert.Equal("", model.Objective);
        Assert.Equal(PostTransform.None, model.Ensemble.PostTransform);
    }

    [Fact]
    public void A_random_forest_is_averaged_over_iterations()
    {
        var model = LightGbmSample.ReadWith("feature_names", "average_output\nfeature_names");
        Assert.Equal((EnsembleAggregate.Average, 3), (model.Ensemble.Aggregate, model.Ensemble.Divisor));
    }

    [Fact]
    public void A_leaf_has_lightgbms_number()
    {
        var model = LightGbmSample.Read();
        Assert.Equal(0, model.LeafOf(0, 3));
        Assert.Equal(3, model.LeafOf(0, 6));
        Assert.Equal(0, model.LeafOf(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.LeafOf(0, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.LeafOf(0, 7));
    }

    [Fact]
    public void A_file_is_read_up_to_the_limit()
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("model.txt");
        File.WriteAllText(path, LightGbmSample.Text);
        var length = (int)new FileInfo(path).Length;
        Assert.Equal(3, LightGbmModel.Load(path, new LightGbmOptions { FileBytesMax = length }).IterationCount);
        var error = Assert.Throws<MlpException>(() => LightGbmModel.Load(path, new LightGbmOptions { FileBytesMax = length - 1 }));
        Assert.Equal(ErrorCodes.LimitReached, error.Code);
        Assert.Throws<FileNotFoundException>(() => LightGbmModel.Load(folder.At("none.txt")));
    }
}
