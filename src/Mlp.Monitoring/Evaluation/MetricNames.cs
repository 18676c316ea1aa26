namespace Mlp.Monitoring;

/// <summary>The names of the metrics that <see cref="BinaryEvaluation"/> gives.</summary>
public static class MetricNames
{
    /// <summary>Area under the ROC curve; more is better, 0.5 is chance.</summary>
    public const string Auc = "auc";

    /// <summary>Mean negative log likelihood in nats; less is better.</summary>
    public const string LogLoss = "log_loss";

    /// <summary>Mean squared difference of probability and outcome; less is better.</summary>
    public const string BrierScore = "brier";

    /// <summary>Expected calibration error; less is better.</summary>
    public const string ExpectedCalibrationError = "ece";

    /// <summary>Share of rows that are classified right at a threshold of 0.5; more is better.</summary>
    public const string Accuracy = "accuracy";

    /// <summary>Share of positive rows.</summary>
    public const string BaseRate = "base_rate";
}
