using Mlp.Monitoring;
using Spectre.Console;

namespace FlightDelay.Report;

/// <summary>The closing tables at the terminal.</summary>
internal static class ConsoleSummary
{
    public static void Write(IAnsiConsole console, ReportData data)
    {
        console.Write(Scores(data));
        console.Write(Operation(data));
        console.Write(Drift(data.Drift));
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

    private static Table Operation(ReportData data)
    {
        var table = NewTable($"{data.ModelName} {data.ModelVersion}").HideHeaders();
        table.AddColumn("what");
        table.AddColumn(new TableColumn("figure").RightAligned());
        table.AddRow("predictions a second", $"[bold]{data.PredictionsPerSecond:#,0}[/]");
        table.AddRow("features + model, p50", $"{data.Latency.MedianMicroseconds:0.0} µs");
        table.AddRow("features + model, p99", $"{data.Latency.P99Microseconds:0.0} µs");
        table.AddRow("online store", Units.Bytes(data.StoreBytes));
        table.AddRow("start-up", Units.Duration(data.StartUp));
        table.AddRow("online differs from offline", $"[{(data.Differences == 0 ? "green" : "red bold")}]{data.Differences:#,0}[/] of {data.Compared:#,0}");
        return table;
    }

    private static Table Drift(IReadOnlyList<MonthDrift> months)
    {
        var table = NewTable("drift against the reference profile");
        table.AddColumn("month");
        table.AddColumn(new TableColumn("flights").RightAligned());
        table.AddColumn("verdict");
        table.AddColumn(new TableColumn("drifting").RightAligned());
        table.AddColumn("moved most");
        foreach (var (month, report) in months)
        {
            var most = report.Columns.MaxBy(c => c.PopulationStabilityIndex)!;
            table.AddRow(
                Markup.Escape(month),
                $"{report.RowsCurrent:#,0}",
                $"[{Color(report.Status)}]{Units.Words(report.Status)}[/]",
                $"{report.DriftedColumns} of {report.Columns.Count}",
                Markup.Escape($"{most.Name} ({most.PopulationStabilityIndex:0.00})"));
        }

        return table;
    }

    private static Table NewTable(string title) =>
        new Table().Border(TableBorder.Rounded).BorderColor(Spectre.Console.Color.Grey).Title($"[bold]{Markup.Escape(title)}[/]");

    private static string Color(DriftStatus status) => status switch
    {
        DriftStatus.Stable => "green",
        DriftStatus.Warning => "yellow",
        DriftStatus.Drift => "red",
        _ => "dim",
    };
}
