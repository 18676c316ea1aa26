namespace Mlp.Registry.Client;

/// <summary>What a version has to meet before an alias moves to it: rules over the metrics of its package's evaluation report.</summary>
/// <param name="Rules">The rules; all are evaluated, all must pass.</param>
public sealed record PromotionGate(IReadOnlyList<GateRule> Rules);

/// <summary>How a rule compares.</summary>
public enum GateComparison
{
    /// <summary>The metric is at least the amount.</summary>
    AtLeast,

    /// <summary>The metric is at most the amount.</summary>
    AtMost,

    /// <summary>The metric is at least that of the version which has the alias now, minus the amount. Passes where no version has it.</summary>
    AtLeastCurrentMinus,

    /// <summary>The metric is at most that of the version which has the alias now, plus the amount. Passes where no version has it.</summary>
    AtMostCurrentPlus,
}

/// <summary>One rule. A metric that is missing or not a number has not passed.</summary>
/// <param name="Metric">The metric's name in the evaluation report, such as <c>auc</c>.</param>
/// <param name="Comparison">How it is compared.</param>
/// <param name="Amount">The limit, or the distance from the current version's value.</param>
public sealed record GateRule(string Metric, GateComparison Comparison, double Amount)
{
    /// <summary>The slice whose metric is compared; null for the overall one.</summary>
    public GateSlice? Slice { get; init; }

    /// <summary>The metric is at least a limit.</summary>
    public static GateRule AtLeast(string metric, double limit) => new(metric, GateComparison.AtLeast, limit);

    /// <summary>The metric is at most a limit.</summary>
    public static GateRule AtMost(string metric, double limit) => new(metric, GateComparison.AtMost, limit);

    /// <summary>The metric, of which more is better, is not lower than the current version's by more than a margin.</summary>
    public static GateRule NotLowerThanCurrent(string metric, double margin) => new(metric, GateComparison.AtLeastCurrentMinus, margin);

    /// <summary>The metric, of which less is better, is not higher than the current version's by more than a margin.</summary>
    public static GateRule NotHigherThanCurrent(string metric, double margin) => new(metric, GateComparison.AtMostCurrentPlus, margin);
}

/// <summary>A slice of an evaluation report.</summary>
/// <param name="Name">The column, such as <c>origin_size</c>.</param>
/// <param name="Value">Its value, such as <c>large</c>.</param>
public sealed record GateSlice(string Name, string Value);

/// <summary>What came of a promotion.</summary>
/// <param name="Promoted">Whether the alias stands for the version now.</param>
/// <param name="PreviousVersion">The version that had the alias before; null where none had.</param>
/// <param name="Rules">Every rule with its value and limit.</param>
public sealed record PromotionResult(bool Promoted, string? PreviousVersion, IReadOnlyList<GateOutcome> Rules);

/// <summary>What came of one rule.</summary>
/// <param name="Metric">The metric, with its slice.</param>
/// <param name="Value">The candidate's value; null where its report has none.</param>
/// <param name="Limit">What it was held against; null where there was nothing.</param>
/// <param name="Passed">Whether the rule is kept.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record GateOutcome(string Metric, double? Value, double? Limit, bool Passed, string Reason);
