using System.Text;
using FlightDelay.Pipeline;
using Mlp.Monitoring;

namespace FlightDelay.Report;

/// <summary>The report as one HTML file that needs nothing beside it: no script, no style sheet, no network.</summary>
internal static class HtmlReport
{
    /// <summary>Writes the file, whole or not at all.</summary>
    public static void Write(string path, ReportData data) => Workspace.Write(path, Encoding.UTF8.GetBytes(Page(data)));

    private static string Page(ReportData data)
    {
        var html = new StringBuilder();
        html.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .Append("<title>Flight delay: the report</title><style>")
            .Append(ReportStyle.Css)
            .Append("</style></head><body><main>");
        AddHead(html, data);
        if (!data.Gate.Passed)
        {
            Section(html, "The gate", GateWords(data), Gate(data.Gate));
        }

        Section(html, "Against the baselines", "On the held-out month. AUC: more is better. Log loss, Brier score and expected calibration error (ECE): less is better.", Scores(data));
        html.Append("<div class=\"pair\">");
        Section(html, "Calibration", "Of the flights that get 30 %, are 30 % late? Each dot is a tenth of the flights; on the dashed line, yes.", ReportPlots.Calibration(data.Trees, data.LogisticRegression));
        Section(html, "ROC", "How many late flights are found for how many false alarms. The dashed line is chance.", ReportPlots.Roc(data.Trees, data.LogisticRegression));
        html.Append("</div>");
        Section(html, "What the trees look at", "Each feature's share of what all splits gained.", ReportPlots.Importance(data.Importances));
        Section(html, "By slice", "A good overall figure can hide a group that the model serves badly. The base rate's AUC is 0.5 everywhere.", Slices(data.Slices));
        if (data.Gate.Passed)
        {
            Section(html, "The gate", GateWords(data), Gate(data.Gate));
        }

        if (data.Operation is { } operation)
        {
            Section(html, "Latency", $"Features read from the online store and the model run, {operation.PredictionsPerSecond:#,0} predictions a second.", ReportPlots.Latency(operation.Latency));
            Section(html, "Drift by month", $"Population stability index of each feature against the reference profile in the package: the {data.ValidationRows:#,0} flights of the validation days, every eighth day of the training months, from which no tree has learned. A feature has moved from 0.1 on (!) and drifted from 0.2 on (!!); a month drifts when half of its features do.", Drift(operation.Drift));
        }

        return html.Append("</main></body></html>\n").ToString();
    }

    private static void AddHead(StringBuilder html, ReportData data)
    {
        html.Append("<h1>Will a flight be late?</h1><p>")
            .Append(HtmlTable.Encode($"{data.Rows:#,0} flights at {data.Airports:#,0} airports, {data.Months}. Model {data.ModelName}, version {data.ModelVersion}, learned from {data.TrainingRows:#,0} of them."))
            .Append("<br><code>model.onnx ").Append(HtmlTable.Encode(data.ModelDigest)).Append("</code><br><code>package&nbsp;&nbsp;&nbsp; ").Append(HtmlTable.Encode(data.PackageDigest)).Append("</code></p><dl class=\"figures\">");
        Figure(html, "AUC, trees", $"{data.Trees.Auc:0.000}");
        Figure(html, "AUC, logistic", $"{data.LogisticRegression.Auc:0.000}");
        if (data.Operation is { } operation)
        {
            Figure(html, "predictions a second", $"{operation.PredictionsPerSecond:#,0}");
            Figure(html, "p50 · p99", $"{operation.Latency.MedianMicroseconds:0.0} · {operation.Latency.P99Microseconds:0.0} µs");
            Figure(html, "online store", Units.Bytes(operation.StoreBytes));
            Figure(html, "start-up", Units.Duration(operation.StartUp));
            Figure(html, "online ≠ offline", $"{operation.Differences:#,0} of {operation.Compared:#,0}");
        }
        else
        {
            Figure(html, "calibration error", $"{data.Trees.ExpectedCalibrationError:0.0000}");
            Figure(html, "gate", "refused");
            Figure(html, "in production", data.Gate.ProductionVersion is { } version ? $"version {version}" : "none");
        }

        html.Append("</dl>");
    }

    private static string GateWords(ReportData data) => data.Gate switch
    {
        { Passed: true } => $"Version {data.ModelVersion} is in production: it passed every rule.",
        { ProductionVersion: { } current } when current == data.ModelVersion => $"Version {current} is in production, where an earlier gate let it, and stays there; this gate asks for more, and the version fails what is marked below. Nothing was replayed, and no latency measured.",
        { ProductionVersion: { } current } => $"Version {data.ModelVersion} was published and not promoted: it failed what is marked below. Production stays at version {current}; nothing was replayed, and no latency measured.",
        _ => $"Version {data.ModelVersion} was published and not promoted: it failed what is marked below. Nothing is in production; nothing was replayed, and no latency measured.",
    };

    private static string Gate(GateFigures gate)
    {
        var table = new HtmlTable("The rules of the gate", "rule", "is", "limit", "", "why");
        foreach (var rule in gate.Rules)
        {
            table.Row(rule.Metric, (Units.Score(rule.Value), ""), (Units.Score(rule.Limit), ""), (rule.Passed ? "passed" : "failed !!", rule.Passed ? "words good" : "words bad"), (Units.Reason(rule.Reason), "words"));
        }

        return table.ToString();
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

    private static string Slices(IReadOnlyList<SliceScores> slices)
    {
        var table = new HtmlTable("Trees, logistic regression and base rate by slice", "slice", "flights", "late", "AUC trees", "AUC logistic", "log loss trees", "log loss logistic", "log loss base rate", "ECE trees");
        foreach (var slice in slices)
        {
            var (trees, logistic) = (Metric(slice.Trees, MetricNames.Auc), Metric(slice.LogisticRegression, MetricNames.Auc));
            table.Row(
                slice.Name,
                ($"{slice.Rows:#,0}", ""),
                (Units.Score(Metric(slice.Trees, MetricNames.BaseRate), "0.0%"), ""),
                (Units.Score(trees, "0.000"), trees < logistic ? "bad" : ""),
                (Units.Score(logistic, "0.000"), ""),
                (Units.Score(Metric(slice.Trees, MetricNames.LogLoss), "0.000"), ""),
                (Units.Score(Metric(slice.LogisticRegression, MetricNames.LogLoss), "0.000"), ""),
                (Units.Score(Metric(slice.BaseRate, MetricNames.LogLoss), "0.000"), ""),
                (Units.Score(Metric(slice.Trees, MetricNames.ExpectedCalibrationError), "0.000"), ""));
        }

        return table.ToString();
    }

    private static double? Metric(IReadOnlyDictionary<string, double> metrics, string name) => metrics.TryGetValue(name, out var value) ? value : null;

    private static string Drift(IReadOnlyList<MonthDrift> months)
    {
        var table = new HtmlTable("Population stability index by feature and month", ["feature", .. months.Select(m => m.Month)]);
        for (var column = 0; column < months[0].Report.Columns.Count; column++)
        {
            var row = months.Select(m => m.Report.Columns[column]).ToArray();
            table.Row(row[0].Name, [.. row.Select(c => ($"{c.PopulationStabilityIndex:0.000}{Units.Mark(c.Status)}", Style(c.Status)))]);
        }

        table.Row("verdict", [.. months.Select(m => (m.Verdict, Style(m.Report.Status)))]);
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
