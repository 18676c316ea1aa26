using Mlp.Core;

namespace Mlp.Edge.Tests.Oracle;

/// <summary>What every model of XGBoost must hold: its margins to the bit, its predictions within 1e-6, its classes and leaves exactly.</summary>
internal static class XgboostParity
{
    private const float Tolerance = 1e-6f;

    public static void Check(XgboostCase found)
    {
        foreach (var trees in (XgboostTrees[])[XgboostTrees.Best, XgboostTrees.All])
        {
            foreach (var file in (byte[][])[found.Json, found.Ubj])
            {
                Check(found, trees, XgboostModel.Read(file, trees));
            }
        }
    }

    private static void Check(XgboostCase found, XgboostTrees trees, XgboostModel model)
    {
        var rows = found.Rows;
        var count = rows.Length / model.FeatureCount;
        var margins = new float[count * model.TargetCount];
        var predictions = new float[found.Predictions(trees).Length];
        if (model.Ensemble is { } ensemble)
        {
            EnsembleWalk.Score<float, float>(ensemble, rows, margins);
            Same(found.Margins(trees), margins);

            // And the same by whatever layout is picked for it.
            var predictor = new TreePredictor(ensemble);
            margins.AsSpan().Clear();
            predictor.Margin(rows, margins);
            predictor.Predict(rows, predictions);
            CheckLeaves(found.Leaves(trees), model, predictor, rows);
        }
        else
        {
            var predictor = new LinearPredictor(model.Linear!);
            predictor.Margin(rows, margins);
            predictor.Predict(rows, predictions);
        }

        Same(found.Margins(trees), margins);
        CheckPredictions(found.Predictions(trees), predictions, model.PostTransform == PostTransform.ArgMax ? 1 : model.TargetCount);
    }

    private static void CheckLeaves(int[] expected, XgboostModel model, TreePredictor predictor, float[] rows)
    {
        var leaves = new int[expected.Length];
        predictor.Leaves(rows, leaves);
        for (var i = 0; i < leaves.Length; i++)
        {
            leaves[i] = model.NodeId(i % predictor.TreeCount, leaves[i]);
        }

        Assert.Equal(expected, leaves);
    }

    private static void CheckPredictions(float[] expected, float[] found, int width)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(MathF.Abs(expected[i] - found[i]) <= Tolerance * MathF.Abs(expected[i]), $"Answer {i}: XGBoost says {expected[i]:R}, here it is {found[i]:R}.");
        }

        for (var r = 0; r < expected.Length / width; r++)
        {
            Assert.Equal(ScoreTransform.IndexOfLargest<float>(expected.AsSpan(r * width, width)), ScoreTransform.IndexOfLargest<float>(found.AsSpan(r * width, width)));
        }
    }

    // To the bit, so that a -0 for a 0 is seen as well.
    private static void Same(float[] expected, float[] found) =>
        Assert.Equal(Array.ConvertAll(expected, BitConverter.SingleToInt32Bits), Array.ConvertAll(found, BitConverter.SingleToInt32Bits));
}
