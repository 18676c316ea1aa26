namespace Mlp.Monitoring;

/// <summary>How probabilities are evaluated.</summary>
public sealed record BinaryEvaluationOptions
{
    /// <summary>The defaults.</summary>
    public static BinaryEvaluationOptions Default { get; } = new();

    /// <summary>Bins of the calibration table.</summary>
    public int CalibrationBins { get; init; } = 10;

    /// <summary>Most points of the ROC curve, its two ends included.</summary>
    public int RocPointsMax { get; init; } = 200;

    /// <summary>Most different values that a column may have to be evaluated by slices.</summary>
    public int SliceValuesMax { get; init; } = 1_000;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is too small.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(CalibrationBins);
        ArgumentOutOfRangeException.ThrowIfLessThan(RocPointsMax, 3);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(SliceValuesMax);
    }
}
