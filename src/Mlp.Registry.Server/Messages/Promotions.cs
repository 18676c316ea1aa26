namespace Mlp.Registry.Server;

/// <summary>One rule of a gate and what came of it.</summary>
/// <param name="Metric">The metric's name.</param>
/// <param name="Comparison">How it is compared.</param>
/// <param name="Value">The candidate's value; null where the report has none.</param>
/// <param name="Limit">What it was held against; null where there is nothing to hold it against.</param>
/// <param name="Passed">Whether the rule is kept.</param>
/// <param name="Reason">Why, in words.</param>
internal sealed record RuleOutcome(string Metric, string Comparison, double? Value, double? Limit, bool Passed, string Reason);

internal sealed record PromotionAnswer(string Name, string Alias, string Version, bool Promoted, string? PreviousVersion, IReadOnlyList<RuleOutcome> Rules);

/// <summary>One change of an alias. Changes are kept for ever.</summary>
/// <param name="Version">The version from then on; null where the alias was deleted.</param>
/// <param name="Timestamp">Milliseconds since 1970, never less than the change before.</param>
/// <param name="Cause"><c>set</c>, <c>promoted</c>, <c>deleted</c> or <c>version_deleted</c>.</param>
/// <param name="Rules">The gate's outcome, for a promotion.</param>
internal sealed record AliasChange(string? Version, long Timestamp, string Cause, IReadOnlyList<RuleOutcome>? Rules);

internal sealed record AliasHistoryAnswer(IReadOnlyList<AliasChange>? Changes, string? NextPageToken);

internal sealed record AliasAtAnswer(string? Version, long? Since);
