using Mlp.Core;
using Mlp.Edge.Tests.Models;
using Mlp.Edge.Tests.Oracle;

namespace Mlp.Edge.Tests;

public class XgboostOnnxTests
{
    public static TheoryData<string> Regressions => [.. Trees(model => model.PostTransform is PostTransform.None or PostTransform.Exp or PostTransform.Logistic)];

    public static TheoryData<string> Classifiers => [.. Trees(model => model.Objective is "binary:logistic" or "multi:softprob" && model.TargetCount != 2)];

    [Theory]
    [MemberData(nameof(Regressions))]
    public void A_model_written_as_an_onnx_regression_gives_the_same_in_onnx_runtime(string name)
    {
        var found = XgboostCase.All[name];
        var ensemble = XgboostModel.Read(found.Json).Ensemble!;
        using var ort = new Ort(TreeEnsembleOnnx.Regressor(ensemble).Write());
        var (rows, expected) = Whole(found, ensemble);
        Close(expected, ort.Floats(rows, ensemble.FeatureCount, "scores"));
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void A_model_written_as_an_onnx_classifier_gives_the_same_in_onnx_runtime(string name)
    {
        var found = XgboostCase.All[name];
        var ensemble = XgboostModel.Read(found.Json).Ensemble!;
        using var ort = new Ort(TreeEnsembleOnnx.Classifier(ensemble).Write());
        var (rows, expected) = Whole(found, ensemble);
        var classes = Math.Max(2, ensemble.TargetCount);
        var probabilities = ort.Floats(rows, ensemble.FeatureCount, "probabilities");
        Close(expected, classes == 2 ? [.. probabilities.Where((_, i) => i % 2 == 1)] : probabilities);

        var labels = ort.Longs(rows, ensemble.FeatureCount, "label");
        for (var r = 0; r < labels.Length; r++)
        {
            Assert.Equal(classes == 2 ? (expected[r] > 0.5f ? 1 : 0) : ScoreTransform.IndexOfLargest<float>(expected.AsSpan(r * classes, classes)), labels[r]);
        }
    }

    private static IEnumerable<string> Trees(Func<XgboostModel, bool> isWanted) =>
        XgboostCase.All.Values.Where(found => XgboostModel.Read(found.Ubj) is { Ensemble: not null } model && isWanted(model)).Select(found => found.Name);

    // XGBoost cuts fractions of categories off, and ONNX has no category for them: such rows are no question to ask.
    private static (float[] Rows, float[] Expected) Whole(XgboostCase found, TreeEnsemble ensemble)
    {
        var (rows, expected) = (found.Rows, found.Predictions(XgboostTrees.Best));
        var (width, outputs) = (ensemble.FeatureCount, expected.Length / (rows.Length / ensemble.FeatureCount));
        var sets = ensemble.Nodes.ToArray().Where(node => node.Mode == NodeMode.Member).Select(node => node.Feature).ToHashSet();
        int[] kept = [.. Enumerable.Range(0, rows.Length / width).Where(r => sets.All(feature => float.IsNaN(rows[(r * width) + feature]) || float.IsInteger(rows[(r * width) + feature])))];
        return ([.. kept.SelectMany(r => rows[(r * width)..((r + 1) * width)])], [.. kept.SelectMany(r => expected[(r * outputs)..((r + 1) * outputs)])]);
    }

    private static void Close(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], found[i], 1e-5f * MathF.Max(1, MathF.Abs(expected[i])));
        }
    }
}
