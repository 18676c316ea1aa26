using System.Text.Json;

namespace Mlp.Features;

/// <summary>Aggregates in the document: one line of the table each.</summary>
internal static class AggregateNode
{
    private static readonly Line[] Lines =
    [
        new("count", AggregateKind.Count, [], static (node, window) => Aggregate.Count(window), static (_, _) => { }),
        new("sum", AggregateKind.Sum, ["column"], static (node, window) => Aggregate.Sum(node.String("column"), window), Column),
        new("mean", AggregateKind.Mean, ["column"], static (node, window) => Aggregate.Mean(node.String("column"), window), Column),
        new("share", AggregateKind.Share, ["column", "above"], static (node, window) => Aggregate.Share(node.String("column"), node.Integer("above"), window), static (json, a) =>
        {
            Column(json, a);
            json.WriteNumber("above", a.Threshold);
        }),
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

    private static void Column(Utf8JsonWriter json, Aggregate aggregate) => json.WriteString("column", aggregate.Column);

    private sealed record Line(string Name, AggregateKind Kind, string[] Properties, Func<DefinitionNode, TimeSpan, Aggregate> Read, Action<Utf8JsonWriter, Aggregate> Write);
}
