using System.Globalization;
using FlightDelay.Live;
using FlightDelay.Report;
using FlightDelay.Training;
using Mlp.Core;
using Mlp.Features;
using Mlp.Inference;
using Mlp.Monitoring;
using Spectre.Console;

namespace FlightDelay.Pipeline;

/// <summary>Everything the run came to, for a person: a page and a table.</summary>
internal sealed class ReportStep(Workspace workspace)
{
    private const int LatencyBins = 40;

    public string Path => workspace.At("report.html");

    /// <summary>Writes the page.</summary>
    /// <param name="history">The flights.</param>
    /// <param name="training">What the training left.</param>
    /// <param name="evaluation">How good the model is.</param>
    /// <param name="publication">What the gate made of it.</param>
    /// <param name="operation">The model at work; null where the gate refused it.</param>
    public ReportData Write(FlightHistory history, TrainingResult training, HeldOutEvaluation evaluation, Publication publication, OperationFigures? operation)
    {
        var version = publication.Version;
        var data = new ReportData
        {
            Rows = history.Count,
            Airports = training.Airports,
            Months = "January to June 2001",
            ModelName = version.Name,
            ModelVersion = version.Version,
            PackageDigest = version.Digest!,
            ModelDigest = training.ModelDigest,
            TrainingRows = training.TrainingRows,
            ValidationRows = training.ValidationRows,
            Trees = evaluation.Trees,
            LogisticRegression = evaluation.LogisticRegression,
            BaseRate = evaluation.BaseRate,
            Slices = [.. evaluation.Slices.Trees.Select((slice, i) => new SliceScores(
                $"{slice.Name} {slice.Value}", slice.Rows, slice.Metrics, evaluation.Slices.LogisticRegression[i].Metrics, evaluation.Slices.BaseRate[i].Metrics))],
            Importances = training.Importances,
            RuntimeDifference = Math.Max(training.OnnxRuntimeDifference, training.EdgeDifference),
            Gate = new GateFigures(publication.Passed, publication.ProductionVersion, publication.Gate.Rules),
            Operation = operation,
        };
        HtmlReport.Write(Path, data);
        return data;
    }

    /// <summary>The model at work in figures.</summary>
    public OperationFigures Operation(ModelPackage package, OnlineStore store, LiveResult live, ThroughputResult throughput, TimeSpan startUp) => new()
    {
        Latency = Latency(live),
        PredictionsPerSecond = throughput.PredictionsPerSecond,
        StoreBytes = store.LogBytes,
        StartUp = startUp,
        Compared = live.Predictions,
        Differences = live.Differences,
        Drift = Drift(package, live),
    };

    public void Show(ReportData data)
    {
        ConsoleSummary.Write(AnsiConsole.Console, data);

        // Not through the console that breaks lines: a path is there to be copied.
        AnsiConsole.WriteLine("The report:");
        Console.WriteLine($"  {Path}");
    }

    // A month is judged against the profile that the package itself carries: that of the validation days.
    private List<MonthDrift> Drift(ModelPackage package, LiveResult live)
    {
        var reference = DataProfileJson.Read(File.ReadAllBytes(package.FilePath(package.Manifest.ProfileFile!)));
        var months = new List<MonthDrift>();
        for (var month = FlightHistory.Begin; month < FlightHistory.HeldOutBegin; month = month.AddMonths(1))
        {
            months.Add(new MonthDrift(Name(month), DriftDetector.Compare(reference, DataProfileJson.Read(File.ReadAllBytes(MonthlyProfiles.PathOf(workspace, month))))));
        }

        months.Add(new MonthDrift(Name(FlightHistory.HeldOutBegin), DriftDetector.Compare(reference, live.Profile)));
        return months;
    }

    private static LatencyFigures Latency(LiveResult live)
    {
        // The few slowest would stretch the picture until nothing is seen of the rest; they are counted in the last bin.
        var p99 = live.Percentile(0.99);
        var width = p99 * 1.2 / LatencyBins;
        var counts = new long[LatencyBins];
        foreach (var micros in live.LatencyMicros)
        {
            counts[Math.Min(LatencyBins - 1, (int)(micros / width))]++;
        }

        return new LatencyFigures([.. counts.Select((count, i) => new LatencyBin(i * width, (i + 1) * width, count))], live.Percentile(0.5), p99);
    }

    private static string Name(DateTime month) => month.ToString("MMM yyyy", CultureInfo.InvariantCulture);
}
