using Mlp.Monitoring;

namespace FlightDelay.Training;

/// <summary>How good the trees and their two yardsticks are on the held-out month, and on each part of it.</summary>
/// <param name="Trees">The gradient-boosted trees.</param>
/// <param name="LogisticRegression">Logistic regression on the same features.</param>
/// <param name="BaseRate">The training rows' share of late flights, predicted for every row.</param>
/// <param name="Slices">The metrics of all three by slice, the slices in the same order.</param>
internal sealed record HeldOutEvaluation(
    BinaryEvaluation Trees, BinaryEvaluation LogisticRegression, BinaryEvaluation BaseRate,
    (IReadOnlyList<EvaluationSlice> Trees, IReadOnlyList<EvaluationSlice> LogisticRegression, IReadOnlyList<EvaluationSlice> BaseRate) Slices)
{
    public static HeldOutEvaluation Of(TrainingResult result, LabelledRows heldOut)
    {
        var labels = heldOut.Labels.ToArray();
        var slices = FlightSlices.Of(heldOut);
        var baseRate = new float[labels.Length];
        Array.Fill(baseRate, result.LateShare);
        return new HeldOutEvaluation(
            BinaryEvaluation.Of(result.TreePredictions, labels),
            BinaryEvaluation.Of(result.LinearPredictions, labels),
            BinaryEvaluation.Of(baseRate, labels),
            (SlicedEvaluation.Report(result.TreePredictions, labels, slices).Slices,
             SlicedEvaluation.Report(result.LinearPredictions, labels, slices).Slices,
             SlicedEvaluation.Report(baseRate, labels, slices).Slices));
    }
}
