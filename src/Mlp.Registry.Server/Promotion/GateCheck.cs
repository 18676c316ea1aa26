using System.Globalization;
using Mlp.Monitoring;

namespace Mlp.Registry.Server;

/// <summary>Holds a candidate's evaluation against a rule. What cannot be compared has not passed.</summary>
internal static class GateCheck
{
    /// <summary>Evaluates one rule.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="candidate">The candidate's report; null where its package has none.</param>
    /// <param name="hasCurrent">Whether the alias stands for a version.</param>
    /// <param name="current">That version's report; null where its package has none.</param>
    public static RuleOutcome Check(GateRule rule, EvaluationReport? candidate, bool hasCurrent, EvaluationReport? current)
    {
        var value = Value(rule, candidate, out var missing);
        if (value is null)
        {
            return Outcome(rule, null, null, false, "the candidate: " + missing);
        }

        if (double.IsNaN(value.Value))
        {
            return Outcome(rule, value, null, false, "the candidate's value is not a number");
        }

        if (!rule.IsRelative)
        {
            return Compare(rule, value.Value, rule.Amount);
        }

        if (!hasCurrent)
        {
            return Outcome(rule, value, null, true, "no version has the alias yet, so there is none to be worse than");
        }

        var held = Value(rule, current, out missing);
        return held switch
        {
            null => Outcome(rule, value, null, false, "the current version: " + missing),
            double.NaN => Outcome(rule, value, null, false, "the current version's value is not a number"),
            { } number => Compare(rule, value.Value, rule.Comparison == GateRule.AtLeastCurrentMinus ? number - rule.Amount : number + rule.Amount),
        };
    }

    private static RuleOutcome Compare(GateRule rule, double value, double limit)
    {
        var least = rule.Comparison is GateRule.AtLeast or GateRule.AtLeastCurrentMinus;
        var passed = least ? value >= limit : value <= limit;
        return Outcome(rule, value, limit, passed, string.Create(CultureInfo.InvariantCulture, $"{value} is {(passed ? "" : "not ")}at {(least ? "least" : "most")} {limit}"));
    }

    private static double? Value(GateRule rule, EvaluationReport? report, out string missing)
    {
        missing = "its package has no evaluation report";
        if (report is null)
        {
            return null;
        }

        var metrics = report.Metrics;
        if (rule.Slice is not null)
        {
            EvaluationSlice? found = null;
            foreach (var slice in report.Slices)
            {
                found = slice.Name == rule.Slice.Name && slice.Value == rule.Slice.Value ? slice : found;
            }

            if (found is null)
            {
                missing = $"its report has no slice {rule.Slice.Name}={rule.Slice.Value}";
                return null;
            }

            metrics = found.Metrics;
        }

        missing = $"its report has no metric '{rule.Metric}'";
        return metrics.TryGetValue(rule.Metric, out var value) ? value : null;
    }

    private static RuleOutcome Outcome(GateRule rule, double? value, double? limit, bool passed, string reason) =>
        new(rule.Title, rule.Comparison, value, limit, passed, reason);
}
