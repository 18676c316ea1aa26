namespace Mlp.Monitoring;

/// <summary>How good the probabilities of a yes-or-no question are. Immutable.</summary>
public sealed class BinaryEvaluation
{
    // As scikit-learn's log_loss did for years: a certain prediction that is wrong costs 34.5, not infinity.
    private const double ProbabilityClip = 1e-15;

    private BinaryEvaluation(ReadOnlySpan<float> probabilities, ReadOnlySpan<bool> labels, BinaryEvaluationOptions options)
    {
        var ranked = new RankedRows(probabilities, labels);
        double loss = 0, squares = 0;
        long right = 0;
        for (var row = 0; row < labels.Length; row++)
        {
            double probability = probabilities[row];
            var ofOutcome = labels[row] ? probability : 1 - probability;
            var clipped = Math.Clamp(probability, ProbabilityClip, 1 - ProbabilityClip);
            loss -= Math.Log(labels[row] ? clipped : 1 - clipped);
            squares += (1 - ofOutcome) * (1 - ofOutcome);
            right += probability >= 0.5 == labels[row] ? 1 : 0;
        }

        Rows = labels.Length;
        BaseRate = (double)ranked.Positives / Rows;
        Auc = ranked.Auc();
        LogLoss = loss / Rows;
        BrierScore = squares / Rows;
        Accuracy = (double)right / Rows;
        Calibration = ranked.Calibration(options.CalibrationBins);
        Roc = ranked.Roc(options.RocPointsMax);
        double error = 0;
        foreach (var bin in Calibration)
        {
            error += bin.Rows * Math.Abs(bin.MeanProbability - bin.PositiveShare);
        }

        ExpectedCalibrationError = error / Rows;
    }

    /// <summary>Rows that were evaluated.</summary>
    public long Rows { get; }

    /// <summary>Share of positive rows, 0 to 1.</summary>
    public double BaseRate { get; }

    /// <summary>Area under the ROC curve, exact, ties counted as half; NaN where all labels are equal.</summary>
    public double Auc { get; }

    /// <summary>Mean negative log likelihood in nats, probabilities clipped to [1e-15, 1 − 1e-15].</summary>
    public double LogLoss { get; }

    /// <summary>Mean squared difference of probability and outcome (Brier 1950).</summary>
    public double BrierScore { get; }

    /// <summary>The mean over rows of how far their calibration bin is off: Σ rows(b) · |mean probability(b) − positive share(b)| / rows (Naeini 2015).</summary>
    public double ExpectedCalibrationError { get; }

    /// <summary>Share of rows that are classified right when a probability of at least 0.5 counts as positive.</summary>
    public double Accuracy { get; }

    /// <summary>
    /// Bins of equal count in ascending order of probability: bins of equal width would be all but empty where most
    /// predictions are near the base rate. Equal probabilities share a bin.
    /// </summary>
    public IReadOnlyList<CalibrationBin> Calibration { get; }

    /// <summary>The ROC curve from (0, 0) to (1, 1), thinned to <see cref="BinaryEvaluationOptions.RocPointsMax"/> points; empty where all labels are equal.</summary>
    public IReadOnlyList<RocPoint> Roc { get; }

    /// <summary>The figures by their <see cref="MetricNames"/>.</summary>
    public IReadOnlyDictionary<string, double> Metrics => new Dictionary<string, double>(StringComparer.Ordinal)
    {
        [MetricNames.Auc] = Auc,
        [MetricNames.LogLoss] = LogLoss,
        [MetricNames.BrierScore] = BrierScore,
        [MetricNames.ExpectedCalibrationError] = ExpectedCalibrationError,
        [MetricNames.Accuracy] = Accuracy,
        [MetricNames.BaseRate] = BaseRate,
    };

    /// <summary>Evaluates probabilities in O(n log n).</summary>
    /// <param name="probabilities">The predicted probability of each row, 0 to 1.</param>
    /// <param name="labels">Whether the row turned out positive.</param>
    /// <param name="options">Bins and points; null for the defaults.</param>
    /// <exception cref="MonitoringException"><see cref="MonitoringErrors.InputInvalid"/>: no rows, lengths that differ, or a probability outside 0 to 1.</exception>
    public static BinaryEvaluation Of(ReadOnlySpan<float> probabilities, ReadOnlySpan<bool> labels, BinaryEvaluationOptions? options = null)
    {
        options ??= BinaryEvaluationOptions.Default;
        options.Validate();
        if (probabilities.Length != labels.Length || labels.IsEmpty)
        {
            throw new MonitoringException(MonitoringErrors.InputInvalid, $"Expected one probability for each label and at least one row; got {probabilities.Length} probabilities and {labels.Length} labels.");
        }

        for (var row = 0; row < probabilities.Length; row++)
        {
            // Written so that NaN fails it too.
            if (!(probabilities[row] is >= 0 and <= 1))
            {
                throw new MonitoringException(MonitoringErrors.InputInvalid, FormattableString.Invariant($"Row {row} has the probability {probabilities[row]}; expected 0 to 1."));
            }
        }

        return new BinaryEvaluation(probabilities, labels, options);
    }
}
