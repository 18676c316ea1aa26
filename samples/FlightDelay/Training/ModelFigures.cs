using Mlp.Monitoring;

namespace FlightDelay.Training;

/// <summary>How good a model is on the held-out month.</summary>
internal sealed record ModelFigures(IReadOnlyDictionary<string, double> Metrics, IReadOnlyList<CalibrationBin> Calibration, IReadOnlyList<RocPoint> Roc)
{
    public double Auc => Metrics[MetricNames.Auc];

    public double LogLoss => Metrics[MetricNames.LogLoss];

    public static ModelFigures Of(ReadOnlySpan<float> probabilities, ReadOnlySpan<bool> labels)
    {
        var evaluation = BinaryEvaluation.Of(probabilities, labels);
        return new ModelFigures(evaluation.Metrics, evaluation.Calibration, evaluation.Roc);
    }
}
