namespace Mlp.Monitoring;

/// <summary>What a comparison came to.</summary>
public enum DriftStatus
{
    /// <summary>Below every threshold.</summary>
    Stable,

    /// <summary>Worth a look.</summary>
    Warning,

    /// <summary>Drift.</summary>
    Drift,

    /// <summary>Too few rows to judge.</summary>
    TooFewRows,
}

/// <summary>How one column has moved.</summary>
/// <param name="Name">The column.</param>
/// <param name="Status">What it came to.</param>
/// <param name="Score">The statistic that decided.</param>
/// <param name="Threshold">What the score was measured against.</param>
/// <param name="PopulationStabilityIndex">Over the reference's bins and one for missing values.</param>
/// <param name="KolmogorovSmirnov">Largest difference of the cumulative shares of the values; 1 where only one side has values.</param>
/// <param name="Wasserstein">Distance of the values in standard deviations of the reference; infinite where only one side has values, or where a constant has moved.</param>
/// <param name="MissingShareReference">Share of the reference's rows without a value.</param>
/// <param name="MissingShareCurrent">Share of the current rows without a value.</param>
public sealed record ColumnDrift(
    string Name,
    DriftStatus Status,
    double Score,
    DriftThreshold Threshold,
    double PopulationStabilityIndex,
    double KolmogorovSmirnov,
    double Wasserstein,
    double MissingShareReference,
    double MissingShareCurrent);

/// <summary>How the data has moved from its reference.</summary>
/// <param name="Status">
/// <see cref="DriftStatus.Drift"/> when enough columns drift; else <see cref="DriftStatus.Warning"/> when any column drifts or warns.
/// </param>
/// <param name="Statistic">What decided.</param>
/// <param name="Columns">The columns, in their order in a row.</param>
/// <param name="DriftedColumns">Columns that drift.</param>
/// <param name="DriftedShareThreshold">The share of columns from which on the data set drifts.</param>
/// <param name="RowsReference">Rows of the reference.</param>
/// <param name="RowsCurrent">Rows compared with it.</param>
public sealed record DriftReport(
    DriftStatus Status,
    DriftStatistic Statistic,
    IReadOnlyList<ColumnDrift> Columns,
    int DriftedColumns,
    double DriftedShareThreshold,
    long RowsReference,
    long RowsCurrent)
{
    /// <summary>Share of the columns that drift, 0 to 1.</summary>
    public double DriftedShare => (double)DriftedColumns / Columns.Count;
}
