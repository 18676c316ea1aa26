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
        if (model.Ensemble is { } ensemble)
        {
            EnsembleWalk.Score<float, float>(ensemble, rows, margins);
            Same(found.Margins(trees), margins);
            CheckLeaves(found.Leaves(trees), model, ensemble, rows);

            var scored = new float[margins.Length];
            new EnsembleScorer(ensemble).Score((ReadOnlySpan<float>)rows, scored);
            Same(margins, scored);
        }
        else
        {
            model.Linear!.Margins(rows, margins);
            Same(found.Margins(trees), margins);
        }

        CheckPredictions(found.Predictions(trees), model, margins);
    }

    private static void CheckLeaves(int[] expected, XgboostModel model, TreeEnsemble ensemble, float[] rows)
    {
        var leaves = new int[expected.Length];
        EnsembleWalk.Leaves<float>(ensemble, rows, leaves);
        var trees = ensemble.Roots.Length;
        for (var i = 0; i < leaves.Length; i++)
        {
            leaves[i] = model.NodeId(i % trees, leaves[i]);
        }

        Assert.Equal(expected, leaves);
    }

    private static void CheckPredictions(float[] expected, XgboostModel model, float[] margins)
    {
        var targets = model.TargetCount;
        if (model.PostTransform == PostTransform.ArgMax)
        {
            for (var r = 0; r < expected.Length; r++)
            {
                Assert.Equal(expected[r], ScoreTransform.IndexOfLargest<float>(margins.AsSpan(r * targets, targets)));
            }

            return;
        }

        ScoreTransform.Apply(model.PostTransform, margins.AsSpan(), targets);
        Assert.Equal(expected.Length, margins.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(MathF.Abs(expected[i] - margins[i]) <= Tolerance * MathF.Abs(expected[i]), $"Answer {i}: XGBoost says {expected[i]:R}, here it is {margins[i]:R}.");
        }

        for (var r = 0; targets > 1 && r < expected.Length / targets; r++)
        {
            Assert.Equal(ScoreTransform.IndexOfLargest<float>(expected.AsSpan(r * targets, targets)), ScoreTransform.IndexOfLargest<float>(margins.AsSpan(r * targets, targets)));
        }
    }

    // To the bit, so that a -0 for a 0 is seen as well.
    private static void Same(float[] expected, float[] found) =>
        Assert.Equal(Array.ConvertAll(expected, BitConverter.SingleToInt32Bits), Array.ConvertAll(found, BitConverter.SingleToInt32Bits));
}
