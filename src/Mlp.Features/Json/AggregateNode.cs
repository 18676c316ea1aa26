using System.Text.Json;

namespace Mlp.Features;

/// <summary>Aggregates in the document: one line of the table each.</summary>
internal static class AggregateNode
{
    private static readonly Line[] Lines =
    [
        new("count", AggregateKind.Count, [], static (node, window) => Aggregate.Count(window), static (_, _) => { }),
        Summed("sum", AggregateKind.Sum, Aggregate.Sum),
        Summed("mean", AggregateKind.Mean, Aggregate.Mean),
        Summed("variance", AggregateKind.Variance, Aggregate.Variance),
        Summed("standardDeviation", AggregateKind.StandardDeviation, Aggregate.StandardDeviation),
        Plain("min", AggregateKind.Min, Aggregate.Min),
        Plain("max", AggregateKind.Max, Aggregate.Max),
        Plain("first", AggregateKind.First, Aggregate.First),
        Plain("last", AggregateKind.Last, Aggregate.Last),
        new("share", AggregateKind.Share, ["column", "above"],
            static (node, window) => Aggregate.Share(node.String("column"), node.Integer("above"), window),
            static (json, a) => Column(json, a).WriteNumber("above", a.Threshold)),
        new("decayedMean", AggregateKind.DecayedMean, ["column", "halfLife", "resolution"],
            static (node, window) => Aggregate.DecayedMean(node.String("column"), node.Span("halfLife"), window, node.NumberOrNull("resolution")),
            static (json, a) =>
            {
                Column(json, a).WriteString("halfLife", a.HalfLife.ToString("c"));
                Resolution(json, a);
            }),
        new("distinct", AggregateKind.Distinct, ["column", "precision"],
            static (node, window) => node.Find("precision") is null ? Aggregate.Distinct(node.String("column"), window) : Aggregate.Distinct(node.String("column"), window, node.Int("precision")),
            static (json, a) => Column(json, a).WriteNumber("precision", a.Precision)),
        new("quantile", AggregateKind.Quantile, ["column", "rank", "relativeError"],
            static (node, window) => node.NumberOrNull("relativeError") is { } error ? Aggregate.Quantile(node.String("column"), node.Number("rank"), window, error) : Aggregate.Quantile(node.String("column"), node.Number("rank"), window),
            static (json, a) =>
            {
                Column(json, a).WriteNumber("rank", a.Rank);
                json.WriteNumber("relativeError", a.RelativeError);
            }),
        Top("topValues", AggregateKind.TopValues, Aggregate.TopValues),
        Top("topShares", AggregateKind.TopShares, Aggregate.TopShares),
    ];

    private static readonly string[] OfAll = ["kind", "name", "window"];

    public static Aggregate Read(DefinitionNode node)
    {
        var kind = node.Element.ValueKind == JsonValueKind.Object ? node.String("kind") : throw node.Wrong($"expected an object, got {node.Text}");
        var line = Array.Find(Lines, l => l.Name == kind) ?? throw node.Get("kind").Wrong($"'{kind}' is no aggregate; expected one of {string.Join(", ", Lines.Select(l => l.Name))}");
        node.Object([.. OfAll, .. line.Properties]);
        var aggregate = node.Make(() => line.Read(node, node.Span("window")));
        return node.StringOrNull("name") is { } name ? aggregate with { Name = name } : aggregate;
    }

    public static void Write(Utf8JsonWriter json, Aggregate aggregate)
    {
        var line = Array.Find(Lines, l => l.Kind == aggregate.Kind) ?? throw new ArgumentException($"The aggregate {aggregate.Kind} has no form in JSON.", nameof(aggregate));
        json.WriteStartObject();
        json.WriteString("kind", line.Name);
        json.WriteString("name", aggregate.Name);
        line.Write(json, aggregate);
        json.WriteString("window", aggregate.Window.ToString("c"));
        json.WriteEndObject();
    }

    private static Line Plain(string name, AggregateKind kind, Func<string, TimeSpan, Aggregate> make) =>
        new(name, kind, ["column"], (node, window) => make(node.String("column"), window), static (json, a) => Column(json, a));

    private static Line Summed(string name, AggregateKind kind, Func<string, TimeSpan, double?, Aggregate> make) =>
        new(name, kind, ["column", "resolution"], (node, window) => make(node.String("column"), window, node.NumberOrNull("resolution")), static (json, a) => Resolution(Column(json, a), a));

    private static Line Top(string name, AggregateKind kind, Func<string, int, TimeSpan, Aggregate> make) =>
        new(name, kind, ["column", "ranks"], (node, window) => make(node.String("column"), node.Int("ranks"), window), static (json, a) => Column(json, a).WriteNumber("ranks", a.Width));

    private static Utf8JsonWriter Column(Utf8JsonWriter json, Aggregate aggregate)
    {
        json.WriteString("column", aggregate.Column);
        return json;
    }

    private static void Resolution(Utf8JsonWriter json, Aggregate aggregate)
    {
        if (aggregate.Resolution is { } step)
        {
            json.WriteNumber("resolution", step);
        }
    }

    private sealed record Line(string Name, AggregateKind Kind, string[] Properties, Func<DefinitionNode, TimeSpan, Aggregate> Read, Action<Utf8JsonWriter, Aggregate> Write);
}
