using Mlp.Monitoring;
using ScottPlot;

namespace FlightDelay.Report;

/// <summary>The report's plots, each as SVG for the page.</summary>
internal static class ReportPlots
{
    // Told apart by the colour-blind, and readable on white and on near black.
    private static readonly Color TreesColor = Color.FromHex("#2F80ED");
    private static readonly Color LogisticColor = Color.FromHex("#E07B00");

    public static string Calibration(BinaryEvaluation trees, BinaryEvaluation logistic)
    {
        var plot = SvgPlot.NewPlot("mean predicted probability", "share of flights that were late");
        Diagonal(plot);
        Curve(plot, logistic.Calibration.Select(b => b.MeanProbability), logistic.Calibration.Select(b => b.PositiveShare), "logistic regression", LogisticColor, markers: true);
        Curve(plot, trees.Calibration.Select(b => b.MeanProbability), trees.Calibration.Select(b => b.PositiveShare), "trees", TreesColor, markers: true);
        plot.ShowLegend(Alignment.UpperLeft);
        var end = Math.Min(1, 1.05 * trees.Calibration.Concat(logistic.Calibration).Max(b => Math.Max(b.MeanProbability, b.PositiveShare)));
        plot.Axes.SetLimits(0, end, 0, end);
        return SvgPlot.Render(plot, "calibration", $"Calibration: predicted probability against the share of late flights. Expected calibration error {trees.ExpectedCalibrationError:0.0000} for the trees, {logistic.ExpectedCalibrationError:0.0000} for logistic regression.", 520, 420);
    }

    public static string Roc(BinaryEvaluation trees, BinaryEvaluation logistic)
    {
        var plot = SvgPlot.NewPlot("share of punctual flights that are called late", "share of late flights that are called late");
        Diagonal(plot);
        Curve(plot, logistic.Roc.Select(p => p.FalsePositiveRate), logistic.Roc.Select(p => p.TruePositiveRate), $"logistic regression, AUC {logistic.Auc:0.000}", LogisticColor, markers: false);
        Curve(plot, trees.Roc.Select(p => p.FalsePositiveRate), trees.Roc.Select(p => p.TruePositiveRate), $"trees, AUC {trees.Auc:0.000}", TreesColor, markers: false);
        plot.ShowLegend(Alignment.LowerRight);
        plot.Axes.SetLimits(0, 1, 0, 1);
        return SvgPlot.Render(plot, "roc", $"ROC curves: AUC {trees.Auc:0.000} for the trees, {logistic.Auc:0.000} for logistic regression.", 520, 420);
    }

    public static string Importance(IReadOnlyList<FeatureImportance> importances)
    {
        var plot = SvgPlot.NewPlot("share of the gain, %", "");
        var ticks = new Tick[importances.Count];
        for (var i = 0; i < importances.Count; i++)
        {
            // The first at the top.
            double position = importances.Count - 1 - i;
            var bar = plot.Add.Bar(position, 100 * importances[i].GainShare);
            bar.Horizontal = true;
            bar.Color = TreesColor;
            foreach (var one in bar.Bars)
            {
                one.LineWidth = 0;
                one.Size = 0.7;
            }

            ticks[i] = new Tick(position, importances[i].Name);
        }

        plot.Axes.Left.SetTicks([.. ticks.Select(t => t.Position)], [.. ticks.Select(t => t.Label)]);
        plot.Axes.Left.MajorTickStyle.Length = 0;
        plot.Axes.SetLimits(0, 105 * importances.Max(i => i.GainShare), -0.6, importances.Count - 0.4);
        plot.Grid.YAxisStyle.IsVisible = false;
        var first = importances[0];
        return SvgPlot.Render(plot, "importance", $"Feature importance: {first.Name} has the largest share of the gain, {first.GainShare:0.0%}.", 1060, 80 + (24 * importances.Count));
    }

    public static string Latency(LatencyFigures latency)
    {
        var plot = SvgPlot.NewPlot("microseconds a prediction, features and model", "predictions");
        foreach (var bin in latency.Bins)
        {
            var bar = plot.Add.Bar((bin.FromMicroseconds + bin.ToMicroseconds) / 2, bin.Predictions);
            bar.Color = TreesColor;
            bar.Bars[0].LineWidth = 0;
            bar.Bars[0].Size = 0.94 * (bin.ToMicroseconds - bin.FromMicroseconds);
        }

        Mark(plot, latency.MedianMicroseconds, $"p50 {latency.MedianMicroseconds:0.0} µs", LinePattern.Solid);
        Mark(plot, latency.P99Microseconds, $"p99 {latency.P99Microseconds:0.0} µs", LinePattern.Dashed);
        plot.ShowLegend(Alignment.UpperRight);
        plot.Axes.SetLimits(latency.Bins[0].FromMicroseconds, latency.Bins[^1].ToMicroseconds, 0, 1.08 * latency.Bins.Max(b => b.Predictions));
        return SvgPlot.Render(plot, "latency", $"Latency of one prediction: median {latency.MedianMicroseconds:0.0} microseconds, 99th percentile {latency.P99Microseconds:0.0} microseconds.", 1060, 340);
    }

    private static void Diagonal(Plot plot)
    {
        var line = plot.Add.Line(0, 0, 1, 1);
        line.Color = SvgPlot.Ink.WithAlpha(0.45);
        line.LinePattern = LinePattern.Dashed;
        line.MarkerSize = 0;
    }

    private static void Curve(Plot plot, IEnumerable<double> xs, IEnumerable<double> ys, string name, Color color, bool markers)
    {
        var curve = plot.Add.Scatter(xs.ToArray(), ys.ToArray(), color);
        curve.LegendText = name;
        curve.LineWidth = 2;
        curve.MarkerSize = markers ? 7 : 0;
    }

    private static void Mark(Plot plot, double at, string name, LinePattern pattern)
    {
        var line = plot.Add.VerticalLine(at, 2, LogisticColor, pattern);
        line.LegendText = name;
    }
}
