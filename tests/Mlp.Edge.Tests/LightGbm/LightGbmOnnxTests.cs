using Mlp.Core;
using Mlp.Edge.Tests.Models;

namespace Mlp.Edge.Tests.LightGbm;

/// <summary>From LightGBM's text to ONNX: ONNX Runtime predicts what LightGBM did.</summary>
public class LightGbmOnnxTests
{
    private const int Count = 300;

    [Theory]
    [InlineData("binary", "categorical_feature=5,6", ElementType.Float32)]
    [InlineData("binary", "sigmoid=0.7 use_missing=false", ElementType.Float64)]
    [InlineData("multiclass", "num_class=3 categorical_feature=5,6", ElementType.Float64)]
    [InlineData("multiclass", "num_class=3 boosting=rf bagging_freq=1 bagging_fraction=0.6", ElementType.Float32)]
    public void A_classifier_in_onnx_gives_lightgbms_probabilities_and_classes(string objective, string parameters, ElementType type)
    {
        LightGbmNative.Require();
        using var native = Train(objective, parameters, out var model, type);
        var classes = model.ClassCount;
        using var ort = new Ort(TreeEnsembleOnnx.Classifier(model.Ensemble).Write());
        var rows = Rows();
        var (labels, probabilities) = type == ElementType.Float32
            ? (ort.Run<float, long>(rows, TrainingRows.Columns, "label"), ort.Run<float, float>(rows, TrainingRows.Columns, "probabilities"))
            : (ort.Run<double, long>(Wide(rows), TrainingRows.Columns, "label"), ort.Run<double, float>(Wide(rows), TrainingRows.Columns, "probabilities"));
        var expected = native.Predict(rows, TrainingRows.Columns, LightGbmNative.Normal);
        for (var r = 0; r < Count; r++)
        {
            for (var c = 0; c < classes; c++)
            {
                var probability = classes == 2 ? (c == 1 ? expected[r] : 1 - expected[r]) : expected[(r * classes) + c];
                Assert.Equal(probability, probabilities[(r * classes) + c], 1e-6);
            }

            var best = classes == 2 ? (expected[r] > 0.5 ? 1 : 0) : ScoreTransform.IndexOfLargest<double>(expected.AsSpan(r * classes, classes));
            Assert.Equal(best, labels[r]);
        }
    }

    [Theory]
    [InlineData("regression", "categorical_feature=5,6", ElementType.Float32)]
    [InlineData("regression", "boosting=rf bagging_freq=1 bagging_fraction=0.6", ElementType.Float64)]
    [InlineData("poisson", "boosting=dart", ElementType.Float64)]
    [InlineData("cross_entropy_lambda", "", ElementType.Float32)]
    public void A_regression_in_onnx_gives_lightgbms_predictions(string objective, string parameters, ElementType type)
    {
        LightGbmNative.Require();
        using var native = Train(objective, parameters, out var model, type);
        using var ort = new Ort(TreeEnsembleOnnx.Regressor(model.Ensemble).Write());
        var rows = Rows();
        var scores = type == ElementType.Float32 ? ort.Run<float, float>(rows, TrainingRows.Columns, "scores") : ort.Run<double, float>(Wide(rows), TrainingRows.Columns, "scores");
        var expected = native.Predict(rows, TrainingRows.Columns, LightGbmNative.Normal);
        for (var r = 0; r < Count; r++)
        {
            Assert.Equal(expected[r], scores[r], 1e-6 * Math.Max(1, Math.Abs(expected[r])));
        }
    }

    private static LightGbmNative Train(string objective, string parameters, out LightGbmModel model, ElementType type)
    {
        var data = TrainingRows.Make(21, 900);
        using var trained = LightGbmNative.Train(data.Rows, data.Labels(objective), null, $"objective={objective} {parameters} num_leaves=15 min_data_in_leaf=5 min_data_per_group=5 cat_smooth=1 seed=5", 20);
        var text = trained.Save();
        model = LightGbmModel.Read(text, new LightGbmOptions { Input = type, Sum = type });
        return LightGbmNative.Load(text);
    }

    // Categories as they are, since ONNX knows no fraction of one.
    private static float[] Rows() => Array.ConvertAll(TrainingRows.Make(22, Count).Rows, static x => (float)x);

    private static double[] Wide(float[] rows) => Array.ConvertAll(rows, static x => (double)x);
}
