using System.Text;
using Mlp.Monitoring;

namespace FlightDelay.Report;

/// <summary>The report as one HTML file that needs nothing beside it: no script, no style sheet, no network.</summary>
internal static class HtmlReport
{
    /// <summary>Writes the file, whole or not at all.</summary>
    public static void Write(string path, ReportData data)
    {
        var temporary = path + ".tmp";
        File.WriteAllText(temporary, Page(data));
        File.Move(temporary, path, overwrite: true);
    }

    private static string Page(ReportData data)
    {
        var html = new StringBuilder();
        html.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .Append("<title>Flight delay: the report</title><style>")
            .Append(ReportStyle.Css)
            .Append("</style></head><body><main>");
        AddHead(html, data);
        Section(html, "Against the baselines", "On the held-out month. AUC: more is better. Log loss, Brier score and expected calibration error (ECE): less is better.", Scores(data));
        html.Append("<div class=\"pair\">");
        Section(html, "Calibration", "Of the flights that get 30 %, are 30 % late? Each dot is a tenth of the flights; on the dashed line, yes.", ReportPlots.Calibration(data.Trees, data.LogisticRegression));
        Section(html, "ROC", "How many late flights are found for how many false alarms. The dashed line is chance.", ReportPlots.Roc(data.Trees, data.LogisticRegression));
        html.Append("</div>");
        Section(html, "What the trees look at", "Each feature's share of what all splits gained.", ReportPlots.Importance(data.Importances));
        Section(html, "By slice", "A good overall figure can hide a group that the model serves badly.", Slices(data.Slices));
        Section(html, "Latency", $"Features read from the online store and the model run, {data.PredictionsPerSecond:#,0} predictions a second.", ReportPlots.Latency(data.Latency));
        Section(html, "Drift by month", "Population stability index of each feature against the reference profile in the package: from 0.1 on worth a look (!), from 0.2 on drift (!!). A month drifts when half of its features do.", Drift(data.Drift));
        return html.Append("</main></body></html>\n").ToString();
    }

    private static void AddHead(StringBuilder html, ReportData data)
    {
        html.Append("<h1>Will a flight be late?</h1><p>")
            .Append(HtmlTable.Encode($"{data.Rows:#,0} flights at {data.Airports:#,0} airports, {data.Months}. Model {data.ModelName}, version {data.ModelVersion}, "))
            .Append("<code>").Append(HtmlTable.Encode(data.ModelDigest)).Append("</code></p><dl class=\"figures\">");
        Figure(html, "AUC, trees", $"{data.Trees.Auc:0.000}");
        Figure(html, "AUC, logistic", $"{data.LogisticRegression.Auc:0.000}");
        Figure(html, "predictions a second", $"{data.PredictionsPerSecond:#,0}");
        Figure(html, "p50 · p99", $"{data.Latency.MedianMicroseconds:0.0} · {data.Latency.P99Microseconds:0.0} µs");
        Figure(html, "online store", Units.Bytes(data.StoreBytes));
        Figure(html, "start-up", Units.Duration(data.StartUp));
        Figure(html, "online ≠ offline", $"{data.Differences:#,0} of {data.Compared:#,0}");
        html.Append("</dl>");
    }

    private static void Figure(StringBuilder html, string name, string value) =>
        html.Append("<div><dt>").Append(HtmlTable.Encode(name)).Append("</dt><dd>").Append(HtmlTable.Encode(value)).Append("</dd></div>");

    private static void Section(StringBuilder html, string title, string words, string content) =>
        html.Append("<section><h2>").Append(HtmlTable.Encode(title)).Append("</h2><p>").Append(HtmlTable.Encode(words)).Append("</p>").Append(content).Append("</section>");

    private static string Scores(ReportData data)
    {
        var table = new HtmlTable($"Metrics on {data.Trees.Rows:#,0} flights, {data.Trees.BaseRate:0.0%} of them late", "model", "AUC", "log loss", "Brier", "ECE");
        foreach (var (name, scores) in ((string, BinaryEvaluation)[])[("gradient-boosted trees", data.Trees), ("logistic regression", data.LogisticRegression), ("base rate", data.BaseRate)])
        {
            table.Row(name, ($"{scores.Auc:0.0000}", ""), ($"{scores.LogLoss:0.0000}", ""), ($"{scores.BrierScore:0.0000}", ""), ($"{scores.ExpectedCalibrationError:0.0000}", ""));
        }

        return table.ToString();
    }

    private static string Slices(IReadOnlyList<EvaluationSlice> slices)
    {
        var table = new HtmlTable("The trees' metrics by slice", "slice", "flights", "late", "AUC", "log loss", "ECE");
        foreach (var slice in slices)
        {
            table.Row(
                $"{slice.Name} {slice.Value}",
                ($"{slice.Rows:#,0}", ""),
                (Metric(slice, MetricNames.BaseRate, "0.0%"), ""),
                (Metric(slice, MetricNames.Auc, "0.000"), ""),
                (Metric(slice, MetricNames.LogLoss, "0.000"), ""),
                (Metric(slice, MetricNames.ExpectedCalibrationError, "0.000"), ""));
        }

        return table.ToString();
    }

    private static string Metric(EvaluationSlice slice, string name, string format) =>
        slice.Metrics.TryGetValue(name, out var value) && !double.IsNaN(value) ? value.ToString(format) : "–";

    private static string Drift(IReadOnlyList<MonthDrift> months)
    {
        var table = new HtmlTable("Population stability index by feature and month", ["feature", .. months.Select(m => m.Month)]);
        for (var column = 0; column < months[0].Report.Columns.Count; column++)
        {
            var row = months.Select(m => m.Report.Columns[column]).ToArray();
            table.Row(row[0].Name, [.. row.Select(c => ($"{c.PopulationStabilityIndex:0.000}{Units.Mark(c.Status)}", Style(c.Status)))]);
        }

        table.Row("features that drift", [.. months.Select(m => ($"{m.Report.DriftedColumns} of {m.Report.Columns.Count}", ""))]);
        table.Row("verdict", [.. months.Select(m => (Units.Words(m.Report.Status), Style(m.Report.Status)))]);
        return table.ToString();
    }

    private static string Style(DriftStatus status) => status switch
    {
        DriftStatus.Stable => "good",
        DriftStatus.Warning => "warn",
        DriftStatus.Drift => "bad",
        _ => "",
    };
}
