using Mlp.Core;
using Mlp.Edge.Tests.Models;
using Mlp.Edge.Tests.Oracle;

namespace Mlp.Edge.Tests;

public class XgboostOnnxTests
{
    // All but those of sets: ONNX's operators up to version 3 of the domain have none of XGBoost's rules about fractions.
    public static TheoryData<string> Regressions => [.. Trees(found => !found.Name.StartsWith("categories", StringComparison.Ordinal)
        && found.Model.PostTransform is PostTransform.None or PostTransform.Exp or PostTransform.Logistic)];

    public static TheoryData<string> Classifiers => [.. Trees(found => !found.Name.StartsWith("categories", StringComparison.Ordinal)
        && found.Model.Objective is "binary:logistic" or "multi:softprob" && found.Model.TargetCount != 2)];

    [Theory]
    [MemberData(nameof(Regressions))]
    public void A_model_written_as_an_onnx_regression_gives_the_same_in_onnx_runtime(string name)
    {
        var found = XgboostCase.All[name];
        var ensemble = XgboostModel.Read(found.Json).Ensemble!;
        using var ort = new Ort(TreeEnsembleOnnx.Regressor(ensemble).Write());
        Close(found.Predictions(XgboostTrees.Best), ort.Floats(found.Rows, ensemble.FeatureCount, "scores"));
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void A_model_written_as_an_onnx_classifier_gives_the_same_in_onnx_runtime(string name)
    {
        var found = XgboostCase.All[name];
        var ensemble = XgboostModel.Read(found.Json).Ensemble!;
        using var ort = new Ort(TreeEnsembleOnnx.Classifier(ensemble).Write());
        var expected = found.Predictions(XgboostTrees.Best);
        var classes = Math.Max(2, ensemble.TargetCount);
        var probabilities = ort.Floats(found.Rows, ensemble.FeatureCount, "probabilities");
        Close(expected, classes == 2 ? [.. probabilities.Where((_, i) => i % 2 == 1)] : probabilities);

        var labels = ort.Longs(found.Rows, ensemble.FeatureCount, "label");
        for (var r = 0; r < labels.Length; r++)
        {
            Assert.Equal(classes == 2 ? (expected[r] > 0.5f ? 1 : 0) : ScoreTransform.IndexOfLargest<float>(expected.AsSpan(r * classes, classes)), labels[r]);
        }
    }

    private static IEnumerable<string> Trees(Func<(string Name, XgboostModel Model), bool> isWanted) =>
        XgboostCase.All.Values.Where(found => XgboostModel.Read(found.Ubj) is { Ensemble: not null } model && isWanted((found.Name, model))).Select(found => found.Name);

    private static void Close(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], found[i], 1e-5f * MathF.Max(1, MathF.Abs(expected[i])));
        }
    }
}
