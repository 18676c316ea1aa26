using Mlp.Monitoring;
using Mlp.Registry.Client;

namespace FlightDelay.Report;

/// <summary>Everything that the report and the closing tables show.</summary>
internal sealed record ReportData
{
    public required long Rows { get; init; }

    public required int Airports { get; init; }

    /// <summary>The months of the data, in words such as <c>January to June 2001</c>.</summary>
    public required string Months { get; init; }

    public required string ModelName { get; init; }

    public required string ModelVersion { get; init; }

    /// <summary>The digest of the package: with its lineage, another one at each training.</summary>
    public required string PackageDigest { get; init; }

    /// <summary>The digest of <c>model.onnx</c>, which the same flights give again.</summary>
    public required string ModelDigest { get; init; }

    /// <summary>Flights that the trees learned from.</summary>
    public required long TrainingRows { get; init; }

    /// <summary>Flights of the validation days, which are the reference that drift is measured against.</summary>
    public required long ValidationRows { get; init; }

    /// <summary>The gradient-boosted trees on the held-out month.</summary>
    public required BinaryEvaluation Trees { get; init; }

    /// <summary>Logistic regression on the same rows.</summary>
    public required BinaryEvaluation LogisticRegression { get; init; }

    /// <summary>The training rows' share of late flights, predicted for every row.</summary>
    public required BinaryEvaluation BaseRate { get; init; }

    /// <summary>All three by slice.</summary>
    public required IReadOnlyList<SliceScores> Slices { get; init; }

    /// <summary>Features, the one with the largest share of the gain first.</summary>
    public required IReadOnlyList<FeatureImportance> Importances { get; init; }

    /// <summary>The largest difference of ONNX Runtime and Mlp.Edge from the trainer's own predictions.</summary>
    public required double RuntimeDifference { get; init; }

    public required GateFigures Gate { get; init; }

    /// <summary>What came of running the model; null where the gate refused it.</summary>
    public OperationFigures? Operation { get; init; }
}

/// <summary>The model at work.</summary>
internal sealed record OperationFigures
{
    /// <summary>How long features and model took for one prediction.</summary>
    public required LatencyFigures Latency { get; init; }

    public required double PredictionsPerSecond { get; init; }

    public required long StoreBytes { get; init; }

    /// <summary>How long it took to resolve, verify and load the model and to open the online store; not what filled the store.</summary>
    public required TimeSpan StartUp { get; init; }

    /// <summary>Online predictions that were compared with offline ones, and how many differed in any bit.</summary>
    public required long Compared { get; init; }

    public required long Differences { get; init; }

    /// <summary>Each month against the reference profile.</summary>
    public required IReadOnlyList<MonthDrift> Drift { get; init; }
}

/// <param name="Passed">Whether the model passed every rule, and so is in production.</param>
/// <param name="ProductionVersion">The version that is in production now; null where none is.</param>
/// <param name="Rules">What the gate said.</param>
internal sealed record GateFigures(bool Passed, string? ProductionVersion, IReadOnlyList<GateOutcome> Rules);

/// <param name="Name">Of the column and its value, such as <c>hour 06-11</c>.</param>
/// <param name="Rows">Flights in it.</param>
/// <param name="Trees">Metrics of the trees.</param>
/// <param name="LogisticRegression">The same of logistic regression.</param>
/// <param name="BaseRate">The same of the base rate.</param>
internal sealed record SliceScores(
    string Name, long Rows, IReadOnlyDictionary<string, double> Trees, IReadOnlyDictionary<string, double> LogisticRegression, IReadOnlyDictionary<string, double> BaseRate);

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
internal sealed record MonthDrift(string Month, DriftReport Report)
{
    /// <summary>Features that moved without drifting.</summary>
    public int Moved => Report.Columns.Count(c => c.Status == DriftStatus.Warning);

    /// <summary>The verdict with what it rests on.</summary>
    public string Verdict => Report.Status switch
    {
        DriftStatus.TooFewRows => "too few rows",
        DriftStatus.Drift => $"drift, {Report.DriftedColumns} of {Report.Columns.Count}",
        _ => (Moved, Report.DriftedColumns) switch
        {
            (0, 0) => "stable",
            (_, 0) => $"{Moved} moved",
            (0, _) => $"{Report.DriftedColumns} drifted",
            _ => $"{Moved} moved, {Report.DriftedColumns} drifted",
        },
    };
}
