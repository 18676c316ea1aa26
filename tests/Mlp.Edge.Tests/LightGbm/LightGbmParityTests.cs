using Mlp.Core;

namespace Mlp.Edge.Tests.LightGbm;

/// <summary>LightGBM's native library trains and predicts; what is read from its text must give the same.</summary>
public class LightGbmParityTests
{
    private const int Count = 900;
    private const int UnseenCount = 400;
    private const int Iterations = 12;
    private const string Common = "num_leaves=13 learning_rate=0.2 min_data_in_leaf=5 min_data_per_group=5 cat_smooth=1 cat_l2=1 max_bin=63 seed=7";
    private const string Categories = " categorical_feature=5,6";

    private static readonly string[] Objectives =
    [
        "regression", "regression_l1", "huber", "fair", "poisson", "quantile", "mape", "gamma", "tweedie", "binary", "multiclass", "multiclassova",
        "cross_entropy", "cross_entropy_lambda", "lambdarank", "rank_xendcg", "custom",
    ];

    public static TheoryData<string, string> Models()
    {
        var models = new TheoryData<string, string>();
        foreach (var objective in Objectives)
        {
            models.Add(objective, Categories);
            models.Add(objective, objective is "regression" ? " zero_as_missing=true" : " use_missing=false");
        }

        foreach (var boosting in (string[])["dart drop_rate=0.5", "rf bagging_freq=1 bagging_fraction=0.6", "goss"])
        {
            models.Add("regression", $"{Categories} boosting={boosting}");
            models.Add("binary", $" zero_as_missing=true boosting={boosting}");
            models.Add("multiclass", $"{Categories} zero_as_missing=true boosting={boosting}");
        }

        models.Add("regression", " reg_sqrt=true");
        models.Add("regression_l1", " reg_sqrt=true" + Categories);
        models.Add("binary", " sigmoid=0.7" + Categories);
        models.Add("multiclassova", " sigmoid=1.3");
        models.Add("regression", " linear_tree=true");
        models.Add("regression", " linear_tree=true use_missing=false linear_lambda=0.1" + Categories);
        models.Add("binary", " linear_tree=true");
        models.Add("multiclass", " linear_tree=true" + Categories);
        models.Add("regression", " min_data_in_leaf=2000"); // trees of one leaf
        models.Add("binary", " min_data_in_leaf=2000 linear_tree=true");
        models.Add("regression", Categories + " max_cat_to_onehot=100 max_cat_threshold=64");
        models.Add("regression", " monotone_constraints=1,-1,0,0,0,0,0 monotone_constraints_method=advanced");
        return models;
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void What_lightgbm_predicts_is_predicted(string objective, string parameters)
    {
        LightGbmNative.Require();
        using var native = Train(objective, parameters, out var text);
        var model = LightGbmModel.Read(text);
        var rows = Rows();
        SameLeaves(model, native, rows);
        SameScores(model, native, rows);

        // Floats too: as doubles to a model of doubles, and to a model of floats, whose thresholds are rounded.
        var floats = Array.ConvertAll(rows, static x => (float)x);
        var expected = Averaged(model, native.Predict(floats, TrainingRows.Columns, LightGbmNative.Raw));
        SameBits(expected, Scores<float, double>(model.Ensemble, floats));
        var ofFloats = LightGbmModel.Read(text, new LightGbmOptions { Input = ElementType.Float32 });
        SameBits(expected, Scores<float, double>(ofFloats.Ensemble, floats));
        var sum = LightGbmModel.Read(text, new LightGbmOptions { Input = ElementType.Float32, Sum = ElementType.Float32 });
        Near(expected, Scores<float, float>(sum.Ensemble, floats));
    }

    [Theory]
    [InlineData("multiclass", "")]
    [InlineData("regression", " boosting=rf bagging_freq=1 bagging_fraction=0.6")]
    public void The_first_iterations_alone_predict_as_lightgbms_do(string objective, string parameters)
    {
        LightGbmNative.Require();
        using var native = Train(objective, parameters, out var text);
        var model = LightGbmModel.Read(text, new LightGbmOptions { Iterations = 5 });
        Assert.Equal(5, model.IterationCount);
        SameBits(Averaged(model, native.Predict(Rows(), TrainingRows.Columns, LightGbmNative.Raw, 0, 5)), Scores<double, double>(model.Ensemble, Rows()));
        Close(native.Predict(Rows(), TrainingRows.Columns, LightGbmNative.Normal, 0, 5), Predictions(model, Rows()), 1e-12);
    }

    [Fact]
    public void Each_trees_contribution_is_lightgbms_score_of_that_tree()
    {
        LightGbmNative.Require();
        using var native = Train("regression", " linear_tree=true" + Categories, out var text);
        var model = LightGbmModel.Read(text);
        var rows = Rows();
        var contributions = new double[UnseenCount * Iterations];
        EnsembleWalk.Contributions<double, double>(model.Ensemble, rows, contributions);
        for (var tree = 0; tree < Iterations; tree++)
        {
            SameBits(native.Predict(rows, TrainingRows.Columns, LightGbmNative.Raw, tree, 1), [.. Enumerable.Range(0, UnseenCount).Select(r => contributions[(r * Iterations) + tree])]);
        }
    }

    private static LightGbmNative Train(string objective, string parameters, out byte[] text)
    {
        var data = TrainingRows.Make(1, Count);
        var groups = objective is "lambdarank" or "rank_xendcg" ? Enumerable.Repeat(30, Count / 30).ToArray() : null;
        var trainAs = objective == "custom" ? "regression" : objective;
        var classes = objective is "multiclass" or "multiclassova" ? " num_class=3" : "";
        using var trained = LightGbmNative.Train(data.Rows, data.Labels(trainAs), groups, $"objective={trainAs}{classes}{parameters} {Common}", Iterations);
        text = trained.Save();
        if (objective == "custom")
        {
            text = System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(text).Replace("objective=regression\n", "objective=custom\n", StringComparison.Ordinal));
        }

        return LightGbmNative.Load(text);
    }

    private static double[] Rows() => TrainingRows.MakeUnseen(2, UnseenCount);

    private static void SameLeaves(LightGbmModel model, LightGbmNative native, double[] rows)
    {
        var trees = model.Ensemble.Roots.Length;
        var leaves = new int[UnseenCount * trees];
        EnsembleWalk.Leaves<double>(model.Ensemble, rows, leaves);
        var expected = native.Predict(rows, TrainingRows.Columns, LightGbmNative.LeafIndex);
        Assert.Equal(expected.Length, leaves.Length);
        for (var i = 0; i < leaves.Length; i++)
        {
            Assert.True(expected[i] == model.LeafOf(i % trees, leaves[i]), $"row {i / trees}, tree {i % trees}: leaf {model.LeafOf(i % trees, leaves[i])}, LightGBM's is {expected[i]}");
        }
    }

    private static void SameScores(LightGbmModel model, LightGbmNative native, double[] rows)
    {
        SameBits(Averaged(model, native.Predict(rows, TrainingRows.Columns, LightGbmNative.Raw)), Scores<double, double>(model.Ensemble, rows));
        var expected = native.Predict(rows, TrainingRows.Columns, LightGbmNative.Normal);
        var actual = Predictions(model, rows);
        Close(expected, actual, 1e-12);
        var width = model.Ensemble.TargetCount;
        for (var r = 0; width > 1 && r < UnseenCount; r++)
        {
            Assert.Equal(IndexOfLargest(expected.AsSpan(r * width, width)), IndexOfLargest(actual.AsSpan(r * width, width)));
        }
    }

    // LightGBM's raw scores of a forest are sums; it averages in the prediction.
    private static double[] Averaged(LightGbmModel model, double[] raw) => Array.ConvertAll(raw, x => x / model.Ensemble.Divisor);

    private static TScore[] Scores<TRow, TScore>(TreeEnsemble ensemble, TRow[] rows)
        where TRow : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<TRow>
        where TScore : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<TScore>
    {
        var scores = new TScore[UnseenCount * ensemble.TargetCount];
        EnsembleWalk.Score<TRow, TScore>(ensemble, rows, scores);
        return scores;
    }

    private static double[] Predictions(LightGbmModel model, double[] rows)
    {
        var predictions = new double[UnseenCount * model.Ensemble.OutputCount];
        new TreePredictor(model.Ensemble).Predict(rows, predictions);
        return predictions;
    }

    private static int IndexOfLargest(ReadOnlySpan<double> row) => ScoreTransform.IndexOfLargest(row);

    private static void SameBits(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(BitConverter.DoubleToInt64Bits(expected[i]) == BitConverter.DoubleToInt64Bits(actual[i]), $"score {i}: {actual[i]:R}, LightGBM's is {expected[i]:R}");
        }
    }

    // Twelve trees summed in float.
    private static void Near(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(expected[i].Equals(actual[i]) || Math.Abs(expected[i] - actual[i]) <= 1e-5 * Math.Max(1, Math.Abs(expected[i])), $"score {i}: {actual[i]:R}, LightGBM's is {expected[i]:R}");
        }
    }

    private static void Close(double[] expected, double[] actual, double relative)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(expected[i].Equals(actual[i]) || Math.Abs(expected[i] - actual[i]) <= relative * Math.Abs(expected[i]), $"value {i}: {actual[i]:R}, LightGBM's is {expected[i]:R}");
        }
    }
}
