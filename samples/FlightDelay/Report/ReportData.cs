using Mlp.Monitoring;

namespace FlightDelay.Report;

/// <summary>Everything that the report and the closing table show.</summary>
internal sealed record ReportData
{
    public required long Rows { get; init; }

    public required int Airports { get; init; }

    /// <summary>The months of the data, in words such as <c>January to June 2001</c>.</summary>
    public required string Months { get; init; }

    public required string ModelName { get; init; }

    public required string ModelVersion { get; init; }

    public required string ModelDigest { get; init; }

    /// <summary>The gradient-boosted trees on the held-out month.</summary>
    public required BinaryEvaluation Trees { get; init; }

    /// <summary>Logistic regression on the same rows.</summary>
    public required BinaryEvaluation LogisticRegression { get; init; }

    /// <summary>The training months' share of late flights, predicted for every row.</summary>
    public required BinaryEvaluation BaseRate { get; init; }

    /// <summary>The trees' metrics by slice.</summary>
    public required IReadOnlyList<EvaluationSlice> Slices { get; init; }

    /// <summary>Features, the one with the largest share of the gain first.</summary>
    public required IReadOnlyList<FeatureImportance> Importances { get; init; }

    /// <summary>How long features and model took for one prediction.</summary>
    public required LatencyFigures Latency { get; init; }

    public required double PredictionsPerSecond { get; init; }

    public required long StoreBytes { get; init; }

    /// <summary>From the start of the host to its first prediction.</summary>
    public required TimeSpan StartUp { get; init; }

    /// <summary>Online predictions that were compared with offline ones, and how many differed in any bit.</summary>
    public required long Compared { get; init; }

    public required long Differences { get; init; }

    /// <summary>Each month against the reference profile.</summary>
    public required IReadOnlyList<MonthDrift> Drift { get; init; }
}

/// <param name="Name">The feature.</param>
/// <param name="GainShare">Its share of the splits' gain, 0 to 1.</param>
internal sealed record FeatureImportance(string Name, double GainShare);

/// <param name="Bins">Predictions by latency, in ascending order.</param>
/// <param name="MedianMicroseconds">Half of the predictions took no longer.</param>
/// <param name="P99Microseconds">99 of 100 took no longer.</param>
internal sealed record LatencyFigures(IReadOnlyList<LatencyBin> Bins, double MedianMicroseconds, double P99Microseconds);

/// <summary>Predictions that took from <paramref name="FromMicroseconds"/> to less than <paramref name="ToMicroseconds"/>.</summary>
internal readonly record struct LatencyBin(double FromMicroseconds, double ToMicroseconds, long Predictions);

/// <param name="Month">Such as <c>May 2001</c>.</param>
/// <param name="Report">The month's rows against the reference.</param>
internal sealed record MonthDrift(string Month, DriftReport Report);
