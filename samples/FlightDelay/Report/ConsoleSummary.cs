using Mlp.Monitoring;
using Spectre.Console;

namespace FlightDelay.Report;

/// <summary>The closing tables at the terminal; they fit into 80 columns.</summary>
internal static class ConsoleSummary
{
    public static void Write(IAnsiConsole console, ReportData data)
    {
        console.Write(Scores(data));
        if (data.Operation is not { } operation)
        {
            console.Write(Gate(data.Gate));
            return;
        }

        console.Write(Operation(data, operation));
        console.Write(Drift(operation.Drift));
        console.MarkupLine("[dim]Against the validation days, the reference profile in the package.[/]");
        console.MarkupLine("[dim]A feature has moved from a stability index of 0.1 on, drifted from 0.2 on.[/]");
    }

    private static Table Scores(ReportData data)
    {
        var table = NewTable($"{data.Rows:#,0} flights, {data.Airports:#,0} airports, {data.Months}");
        table.AddColumn("held-out month");
        foreach (var heading in (string[])["AUC", "log loss", "Brier", "calibration error"])
        {
            table.AddColumn(new TableColumn(heading).RightAligned());
        }

        AddScores(table, "[bold]trees[/]", data.Trees, "bold green");
        AddScores(table, "logistic regression", data.LogisticRegression, "default");
        AddScores(table, "base rate", data.BaseRate, "dim");
        return table;
    }

    private static void AddScores(Table table, string name, BinaryEvaluation scores, string style) =>
        table.AddRow(name, $"[{style}]{scores.Auc:0.0000}[/]", $"[{style}]{scores.LogLoss:0.0000}[/]", $"[{style}]{scores.BrierScore:0.0000}[/]", $"[{style}]{scores.ExpectedCalibrationError:0.0000}[/]");

    private static Table Gate(GateFigures gate)
    {
        var table = NewTable("the gate");
        table.AddColumn("rule");
        table.AddColumn(new TableColumn("is").RightAligned());
        table.AddColumn(new TableColumn("limit").RightAligned());
        table.AddColumn("");
        table.AddColumn("why");
        foreach (var rule in gate.Rules)
        {
            table.AddRow(Markup.Escape(rule.Metric), Units.Score(rule.Value), Units.Score(rule.Limit), rule.Passed ? "[green]passed[/]" : "[red bold]failed[/]", Markup.Escape(Units.Reason(rule.Reason)));
        }

        return table;
    }

    private static Table Operation(ReportData data, OperationFigures operation)
    {
        var table = NewTable($"{data.ModelName} {data.ModelVersion}").HideHeaders();
        table.AddColumn("what");
        table.AddColumn(new TableColumn("figure").RightAligned());
        table.AddRow("predictions a second", $"[bold]{operation.PredictionsPerSecond:#,0}[/]");
        table.AddRow("features + model, p50", $"{operation.Latency.MedianMicroseconds:0.0} µs");
        table.AddRow("features + model, p99", $"{operation.Latency.P99Microseconds:0.0} µs");
        table.AddRow("online store", Units.Bytes(operation.StoreBytes));
        table.AddRow("start-up", Units.Duration(operation.StartUp));
        table.AddRow("ONNX differs from the trainer by at most", $"{data.RuntimeDifference:0.0e+0}");
        table.AddRow("online differs from offline", $"[{(operation.Differences == 0 ? "green" : "red bold")}]{operation.Differences:#,0}[/] of {operation.Compared:#,0}");
        return table;
    }

    private static Table Drift(IReadOnlyList<MonthDrift> months)
    {
        var table = NewTable($"drift of {months[0].Report.Columns.Count} features by month");
        table.AddColumn("month");
        table.AddColumn(new TableColumn("flights").RightAligned());
        table.AddColumn("verdict");
        table.AddColumn("most");
        foreach (var month in months)
        {
            var most = month.Report.Columns.MaxBy(c => c.PopulationStabilityIndex)!;
            table.AddRow(
                Markup.Escape(month.Month),
                $"{month.Report.RowsCurrent:#,0}",
                $"[{Color(month.Report)}]{month.Verdict}[/]",
                Markup.Escape($"{most.Name} {most.PopulationStabilityIndex:0.00}"));
        }

        return table;
    }

    private static Table NewTable(string title) =>
        new Table().Border(TableBorder.Rounded).BorderColor(Spectre.Console.Color.Grey).Title($"[bold]{Markup.Escape(title)}[/]");

    private static string Color(DriftReport report) => report.Status switch
    {
        DriftStatus.Stable => "green",
        DriftStatus.Warning => "yellow",
        DriftStatus.Drift => "red",
        _ => "dim",
    };
}
