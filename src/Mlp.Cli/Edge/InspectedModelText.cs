using System.Globalization;
using Mlp.Core;
using Spectre.Console;

namespace Mlp.Cli.Edge;

/// <summary>A model for people.</summary>
internal static class InspectedModelText
{
    private const int FeaturesShown = 12;
    private const int BarWidth = 24;

    public static void Write(IAnsiConsole console, InspectedModel model)
    {
        console.MarkupLineInterpolated($"[bold]{model.FileName}[/]  {model.Format}, {Bytes(model.FileBytes)}");
        var values = Plain("", "", "");
        foreach (var input in model.Inputs)
        {
            values.AddRow("[dim]in[/]", Markup.Escape(input), "");
        }

        foreach (var output in model.Outputs)
        {
            values.AddRow("[dim]out[/]", Markup.Escape(output), "");
        }

        if (model.Operators.Count > 0)
        {
            values.AddRow("[dim]operators[/]", Markup.Escape(string.Join(" → ", model.Operators)), "");
        }

        console.Write(values);
        foreach (var trees in model.Trees)
        {
            console.WriteLine();
            Write(console, trees);
        }
    }

    private static void Write(IAnsiConsole console, InspectedTrees trees)
    {
        var ensemble = trees.Ensemble;
        console.MarkupLineInterpolated($"[bold]{trees.Name}[/]  {Count(ensemble.Roots.Length, "tree", "trees")}, depth {trees.Depth}, {Count(trees.Leaves, "leaf", "leaves")}, {Count(ensemble.TargetCount, "target", "targets")}; {ensemble.Aggregate.ToString().ToLowerInvariant()}{(ensemble.PostTransform == PostTransform.None ? "" : $", then {ensemble.PostTransform}")}");
        console.WriteLine();
        var ways = new Table { Border = TableBorder.Simple };
        ways.AddColumns("rows from", "walk", "bytes", "ns a row");
        ways.Columns[0].RightAligned();
        ways.Columns[2].RightAligned();
        ways.Columns[3].RightAligned();
        if (trees.Layout is not { } layout)
        {
            ways.AddRow("1", "plain walk: no packed layout has what these trees ask", "", "");
        }
        else
        {
            foreach (var way in layout.Ways.OrderBy(w => w.RowsMin))
            {
                ways.AddRow(Number(way.RowsMin), Markup.Escape(way.Walk), Bytes(way.Bytes), way.NanosecondsPerRow > 0 ? Number(way.NanosecondsPerRow) : "not measured");
            }
        }

        console.Write(ways);
        var features = new Table { Border = TableBorder.Simple };
        features.AddColumns("feature", "thresholds", "nodes", "");
        features.Columns[1].RightAligned();
        features.Columns[2].RightAligned();
        var most = trees.Features.Select(f => f.Thresholds).DefaultIfEmpty().Max();
        foreach (var feature in trees.Features.Take(FeaturesShown))
        {
            features.AddRow(Markup.Escape(feature.Name), Number(feature.Thresholds), Number(feature.Nodes), new string('█', Math.Max(1, feature.Thresholds * BarWidth / Math.Max(1, most))));
        }

        console.Write(features);
        if (trees.Features.Count > FeaturesShown)
        {
            console.MarkupLineInterpolated($"[dim]and {trees.Features.Count - FeaturesShown} features more; --json has them all.[/]");
        }
    }

    private static Table Plain(params ReadOnlySpan<string> columns)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = false };
        foreach (var column in columns)
        {
            table.AddColumn(column);
        }

        return table;
    }

    private static string Count(int count, string one, string many) => $"{Number(count)} {(count == 1 ? one : many)}";

    private static string Number(double number) => number.ToString(number < 10 ? "0.##" : "#,0", CultureInfo.InvariantCulture);

    private static string Bytes(long bytes) => bytes switch
    {
        < 1 << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MiB"),
    };
}
