namespace Mlp.Monitoring;

/// <summary>Compares data with its reference.</summary>
public static class DriftDetector
{
    /// <summary>Compares each column, and judges the whole.</summary>
    /// <param name="reference">The profile of the data that the model is known to work on, from its package.</param>
    /// <param name="current">The profile of what came.</param>
    /// <param name="options">Statistic and thresholds; null for the defaults.</param>
    /// <exception cref="MonitoringException">
    /// <see cref="MonitoringErrors.ProfilesDiffer"/>: other columns; <see cref="MonitoringErrors.InputInvalid"/>: the reference has no rows.
    /// </exception>
    public static DriftReport Compare(DataProfile reference, DataProfile current, DriftOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        options ??= DriftOptions.Default;
        options.Validate();
        reference.RequireSameColumns(current);
        if (reference.Rows == 0)
        {
            throw new MonitoringException(MonitoringErrors.InputInvalid, "The reference profile has no rows; expected the profile of the data that the model was validated on.");
        }

        var enough = reference.Rows >= options.RowsMin && current.Rows >= options.RowsMin;
        var columns = new ColumnDrift[reference.Columns.Count];
        int drifted = 0, remarked = 0;
        for (var column = 0; column < columns.Length; column++)
        {
            columns[column] = Compare(reference.Columns[column], current.Columns[column], options, enough);
            drifted += columns[column].Status == DriftStatus.Drift ? 1 : 0;
            remarked += columns[column].Status is DriftStatus.Drift or DriftStatus.Warning ? 1 : 0;
        }

        var status = !enough ? DriftStatus.TooFewRows
            : drifted >= options.DriftedShare * columns.Length ? DriftStatus.Drift
            : remarked > 0 ? DriftStatus.Warning
            : DriftStatus.Stable;
        return new DriftReport(status, options.Statistic, columns, drifted, options.DriftedShare, reference.Rows, current.Rows);
    }

    private static ColumnDrift Compare(ColumnProfile reference, ColumnProfile current, DriftOptions options, bool enough)
    {
        var stability = StabilityIndex.Of(reference, current, options.Bins);
        var kolmogorovSmirnov = DistributionDistance.KolmogorovSmirnov(reference.Distribution, current.Distribution);
        var wasserstein = DistributionDistance.Wasserstein(reference.Distribution, current.Distribution);

        // No division of 0 by 0: what has not moved has not moved, whatever the unit. A constant that has moved has moved infinitely many of its deviations.
        var normalised = wasserstein == 0 ? 0 : reference.StandardDeviation > 0 ? wasserstein / reference.StandardDeviation : double.PositiveInfinity;
        var score = options.Statistic switch
        {
            DriftStatistic.KolmogorovSmirnov => kolmogorovSmirnov,
            DriftStatistic.Wasserstein => normalised,
            _ => stability,
        };
        var threshold = options.Threshold;
        var status = !enough ? DriftStatus.TooFewRows
            : score >= threshold.Drift ? DriftStatus.Drift
            : score >= threshold.Warning ? DriftStatus.Warning
            : DriftStatus.Stable;
        return new ColumnDrift(reference.Name, status, score, threshold, stability, kolmogorovSmirnov, normalised, reference.MissingShare, current.MissingShare);
    }
}
