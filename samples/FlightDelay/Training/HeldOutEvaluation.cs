using Mlp.Monitoring;

namespace FlightDelay.Training;

/// <summary>How good the trees and their two yardsticks are on the held-out month.</summary>
internal sealed record HeldOutEvaluation(BinaryEvaluation Trees, BinaryEvaluation LogisticRegression, BinaryEvaluation BaseRate)
{
    public static HeldOutEvaluation Of(TrainingResult result, LabelledRows heldOut)
    {
        var labels = heldOut.Labels.ToArray();
        var baseRate = new float[labels.Length];
        Array.Fill(baseRate, result.LateShare);
        return new HeldOutEvaluation(
            BinaryEvaluation.Of(result.TreePredictions, labels),
            BinaryEvaluation.Of(result.LinearPredictions, labels),
            BinaryEvaluation.Of(baseRate, labels));
    }
}
