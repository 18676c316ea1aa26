namespace Mlp.Monitoring;

/// <summary>What decides whether a column has drifted.</summary>
public enum DriftStatistic
{
    /// <summary>Population stability index over the reference's bins and one for missing values: sees changes of shape and of missing values, has no unit.</summary>
    PopulationStabilityIndex,

    /// <summary>Kolmogorov-Smirnov distance: the largest difference of the two cumulative shares, 0 to 1.</summary>
    KolmogorovSmirnov,

    /// <summary>Wasserstein distance in standard deviations of the reference: sees how far the values have moved.</summary>
    Wasserstein,
}

/// <summary>When drift is reported.</summary>
/// <param name="Warning">A score of at least this is worth a look.</param>
/// <param name="Drift">A score of at least this is drift.</param>
public readonly record struct DriftThreshold(double Warning, double Drift);

/// <summary>How two profiles are compared.</summary>
public sealed record DriftOptions
{
    /// <summary>The defaults.</summary>
    public static DriftOptions Default { get; } = new();

    /// <summary>What decides; the others are reported beside it.</summary>
    public DriftStatistic Statistic { get; init; } = DriftStatistic.PopulationStabilityIndex;

    /// <summary>Thresholds of the population stability index. The convention of credit scoring: below 0.1 stable, from 0.2 on a change to act on.</summary>
    public DriftThreshold PopulationStabilityIndex { get; init; } = new(0.1, 0.2);

    /// <summary>Thresholds of the Kolmogorov-Smirnov distance; with the default sketches, less than 0.03 is within their error.</summary>
    public DriftThreshold KolmogorovSmirnov { get; init; } = new(0.05, 0.1);

    /// <summary>Thresholds of the normalised Wasserstein distance, in standard deviations of the reference.</summary>
    public DriftThreshold Wasserstein { get; init; } = new(0.05, 0.1);

    /// <summary>Bins of the population stability index: 10, the reference's deciles.</summary>
    public int Bins { get; init; } = 10;

    /// <summary>Fewest rows on each side to judge: with fewer, chance alone looks like drift, and the answer is <see cref="DriftStatus.TooFewRows"/>.</summary>
    public long RowsMin { get; init; } = 200;

    /// <summary>The data set has drifted when at least this share of its columns has, 0 to 1.</summary>
    public double DriftedShare { get; init; } = 0.5;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Statistic))
        {
            throw new ArgumentOutOfRangeException(nameof(Statistic), Statistic, "No such statistic.");
        }

        foreach (var threshold in (ReadOnlySpan<DriftThreshold>)[PopulationStabilityIndex, KolmogorovSmirnov, Wasserstein])
        {
            if (!(threshold.Warning > 0 && threshold.Drift >= threshold.Warning))
            {
                throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "A threshold's warning is above 0, and its drift at least the warning.");
            }
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(Bins, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Bins, 1_000);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(RowsMin);
        if (!(DriftedShare is > 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(DriftedShare), DriftedShare, "The share is above 0 and at most 1.");
        }
    }

    internal DriftThreshold Threshold => Statistic switch
    {
        DriftStatistic.KolmogorovSmirnov => KolmogorovSmirnov,
        DriftStatistic.Wasserstein => Wasserstein,
        _ => PopulationStabilityIndex,
    };
}
