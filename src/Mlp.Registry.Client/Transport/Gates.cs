namespace Mlp.Registry.Client;

/// <summary>Gates to the wire, and their outcome back.</summary>
internal static class Gates
{
    public static WireGate Wire(PromotionGate gate)
    {
        var rules = new List<WireRule>(gate.Rules.Count);
        foreach (var rule in gate.Rules)
        {
            var comparison = rule.Comparison switch
            {
                GateComparison.AtLeast => "at_least",
                GateComparison.AtMost => "at_most",
                GateComparison.AtLeastCurrentMinus => "at_least_current_minus",
                GateComparison.AtMostCurrentPlus => "at_most_current_plus",
                _ => throw new ArgumentOutOfRangeException(nameof(gate), rule.Comparison, "no comparison of a rule"),
            };
            rules.Add(new WireRule(rule.Metric, comparison, rule.Amount, rule.Slice is null ? null : new WireSlice(rule.Slice.Name, rule.Slice.Value)));
        }

        return new WireGate(rules);
    }

    public static PromotionResult Result(PromoteAnswer answer)
    {
        var outcomes = new List<GateOutcome>();
        foreach (var rule in answer.Rules ?? [])
        {
            outcomes.Add(new GateOutcome(Answers.Required(rule.Metric, "metric"), rule.Value, rule.Limit, rule.Passed, rule.Reason ?? ""));
        }

        return new PromotionResult(answer.Promoted, answer.PreviousVersion, outcomes);
    }
}
