namespace Mlp.Registry.Server;

/// <summary>One condition that a version has to meet.</summary>
/// <param name="Metric">The metric's name in the evaluation report.</param>
/// <param name="Slice">The slice it is taken from; null for the overall metric.</param>
/// <param name="Comparison">One of the constants here.</param>
/// <param name="Amount">The limit itself, or the distance from the current version's value.</param>
internal sealed record GateRule(string Metric, SliceName? Slice, string Comparison, double Amount)
{
    public const string AtLeast = "at_least";
    public const string AtMost = "at_most";
    public const string AtLeastCurrentMinus = "at_least_current_minus";
    public const string AtMostCurrentPlus = "at_most_current_plus";

    /// <summary>Whether the limit depends on the version that the alias stands for.</summary>
    public bool IsRelative => Comparison is AtLeastCurrentMinus or AtMostCurrentPlus;

    /// <summary>The metric as it is called in an answer.</summary>
    public string Title => Slice is null ? Metric : $"{Metric} [{Slice.Name}={Slice.Value}]";

    /// <summary>Reads a gate: <c>{"rules": [{"metric", "comparison", "amount", "slice": {"name", "value"}}]}</c>.</summary>
    public static List<GateRule> ReadGate(Fields request, int rulesMax)
    {
        var gate = request.ObjectOrNull("gate") ?? throw RegistryFault.Missing("gate");
        var rules = new List<GateRule>();
        foreach (var rule in gate.Objects("rules"))
        {
            if (rules.Count == rulesMax)
            {
                throw RegistryFault.Invalid($"The gate has more than the {rulesMax} rules allowed.");
            }

            rules.Add(Read(rule));
        }

        return rules.Count > 0 ? rules : throw RegistryFault.Missing("gate.rules");
    }

    private static GateRule Read(Fields fields)
    {
        var comparison = fields.Text("comparison");
        if (comparison is not (AtLeast or AtMost or AtLeastCurrentMinus or AtMostCurrentPlus))
        {
            throw RegistryFault.WrongValue("comparison", comparison, $"{AtLeast}, {AtMost}, {AtLeastCurrentMinus} or {AtMostCurrentPlus}");
        }

        var amount = fields.Finite("amount");
        var slice = fields.ObjectOrNull("slice");
        return new GateRule(fields.Text("metric"), slice is null ? null : new SliceName(slice.Text("name"), slice.TextOrNull("value") ?? ""), comparison, amount);
    }
}

/// <summary>A slice of an evaluation report: a column and one of its values.</summary>
internal sealed record SliceName(string Name, string Value);
