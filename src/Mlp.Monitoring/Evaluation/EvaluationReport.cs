namespace Mlp.Monitoring;

/// <summary>How good a model is on data it has not seen: overall and for each slice. A package carries it as <c>evaluation.json</c>; promotion gates read it.</summary>
public sealed record EvaluationReport
{
    /// <summary>The file's usual name in a package.</summary>
    public const string FileName = "evaluation.json";

    /// <summary>Rows that were evaluated.</summary>
    public required long Rows { get; init; }

    /// <summary>The overall metrics by name, such as those of <see cref="MetricNames"/>. NaN: not defined on this data.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>The same for parts of the data.</summary>
    public IReadOnlyList<EvaluationSlice> Slices { get; init; } = [];
}

/// <summary>The metrics of the rows that have one value of one column.</summary>
/// <param name="Name">The column, such as <c>origin_size</c>.</param>
/// <param name="Value">Its value, such as <c>large</c>.</param>
/// <param name="Rows">Rows that have it.</param>
/// <param name="Metrics">Their metrics by name. NaN: not defined on these rows, as the AUC of rows that all have one label.</param>
public sealed record EvaluationSlice(string Name, string Value, long Rows, IReadOnlyDictionary<string, double> Metrics);
