using System.Diagnostics;
using FlightDelay.Features;
using FlightDelay.Live;
using FlightDelay.Report;
using FlightDelay.Serving;
using FlightDelay.Training;
using Mlp.Core;
using Mlp.Features;
using Mlp.Inference;
using Mlp.Registry.Client;
using Mlp.Registry.Server;
using Spectre.Console;

namespace FlightDelay.Pipeline;

/// <summary>The main job, one step after another. Each uses only what the libraries offer everybody.</summary>
internal sealed class Demo(DemoOptions options)
{
    private const int Steps = 10;

    /// <summary>Real rows on which the host compares its runtimes.</summary>
    private const int SampleRows = 256;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (options.Serve)
        {
            ServicePort.Check(options.Port);
        }

        using var workspace = Workspace.Open(options.WorkspaceFolder, options.Fresh);
        var steps = new StepConsole(Steps);

        var history = await steps.RunAsync("Read flights",
            (_, stop) => Task.FromResult(FlightHistory.Open(workspace, options.FlightsFile, stop)),
            h => $"{h.Count:N0} departures{Reused(h.IsReused)}", cancellationToken);

        await using var server = await RegistryServer.StartAsync(new RegistryServerOptions { Folder = workspace.At("registry") }, cancellationToken);
        using var registry = new RegistryClient(new RegistryClientOptions { Server = server.Address, CacheFolder = workspace.At("cache"), CacheScope = "demo" });
        await steps.RunAsync("Start registry",
            (_, stop) => OpenRuns.KillStaleAsync(registry, stop),
            stale => $"{server.Address}{(stale > 0 ? $", {stale} unfinished training marked killed" : "")}", cancellationToken);

        var (package, result, evaluation, heldOut) = await TrainAsync(steps, new TrainingStep(workspace, history, registry, TimeProvider.System), history, cancellationToken);
        var publication = await steps.RunAsync("Publish, promote",
            (_, stop) => new RegistryStep(workspace, registry, options.AucMargin).PublishAsync(package, result.RunId, evaluation, stop),
            p => $"version {p.Version.Version} {(p.Passed ? $"is in {RegistryStep.Alias}" : "is refused by the gate")}{Reused(p is { Passed: true, WasInProduction: true })}", cancellationToken);

        var report = new ReportStep(workspace);
        if (!publication.Passed)
        {
            // What would follow is another model's: its scores under this training's name, or the other way round.
            report.Show(report.Write(history, result, evaluation, publication, operation: null));
            throw new DemoException(publication.Refusal);
        }

        await RunModelAsync(steps, workspace, registry, report, history, heldOut, result, evaluation, publication, cancellationToken);
    }

    private static async Task<(ModelPackage Package, TrainingResult Result, HeldOutEvaluation Evaluation, LabelledRows HeldOut)> TrainAsync(
        StepConsole steps, TrainingStep training, FlightHistory history, CancellationToken cancellationToken)
    {
        var (months, heldOut) = await steps.RunAsync("Join features",
            (_, stop) => Task.FromResult((
                Months: training.IsDone ? null : history.Rows(FlightHistory.TrainingBegin, FlightHistory.HeldOutBegin, stop),
                HeldOut: history.Rows(FlightHistory.HeldOutBegin, FlightHistory.End, stop))),
            rows => rows.Months is { } all
                ? $"{all.Times.Count(t => !ValidationDays.Has(t)):N0} train, {all.Times.Count(ValidationDays.Has):N0} validate, {rows.HeldOut.Count:N0} test"
                : $"{rows.HeldOut.Count:N0} to test on", cancellationToken);

        var (package, result, evaluation) = await steps.RunAsync("Train, evaluate",
            async (progress, stop) =>
            {
                var (p, r) = months is null ? training.Load() : await training.RunAsync(months, heldOut, progress, stop);
                return (Package: p, Result: r, Evaluation: HeldOutEvaluation.Of(r, heldOut));
            },
            t => $"AUC {t.Evaluation.Trees.Auc:0.000}, logistic {t.Evaluation.LogisticRegression.Auc:0.000}, ONNX {Units.Short(t.Result.ModelDigest)}{Reused(months is null)}", cancellationToken);
        return (package, result, evaluation, heldOut);
    }

    private async Task RunModelAsync(
        StepConsole steps, Workspace workspace, RegistryClient registry, ReportStep report, FlightHistory history, LabelledRows heldOut,
        TrainingResult result, HeldOutEvaluation evaluation, Publication publication, CancellationToken cancellationToken)
    {
        var loading = Stopwatch.StartNew();
        await using var host = new ModelHost();
        var model = await steps.RunAsync("Load the model",
            (_, stop) => LoadAsync(registry, host, publication.Version.Name, heldOut, stop),
            m => $"version {m.Version.Version}, package {Units.Short(m.Version.Digest)} verified, {m.Version.Runtime}", cancellationToken);
        loading.Stop();

        var materialising = new OnlineStep(workspace, history);
        using var store = await steps.RunAsync("Materialise",
            materialising.RunAsync,
            s => $"online store until {s.CompleteUntil:yyyy-MM-dd}, {Units.Bytes(s.LogBytes)}{Reused(materialising.IsReused)}", cancellationToken);

        var live = await steps.RunAsync("Replay June live",
            (progress, stop) => new Replay(history, store, model).RunAsync(heldOut, progress, stop),
            l => $"{l.Predictions:N0} predictions, {l.Differences} differences from offline", cancellationToken);

        var throughput = await steps.RunAsync("Many callers",
            (_, stop) => new Throughput(store, model).RunAsync(heldOut, FlightHistory.End, stop),
            t => $"{t.PredictionsPerSecond:N0} predictions a second for {t.Callers} callers", cancellationToken);

        var data = await steps.RunAsync("Write the report",
            (_, _) => Task.FromResult(report.Write(
                history, result, evaluation, publication, report.Operation(model.Package, store, live, throughput, loading.Elapsed + materialising.OpenTime))),
            _ => "plots, slices, drift by month", cancellationToken);
        report.Show(data);
        materialising.RequireSame(live, throughput);
        if (options.Serve)
        {
            await ServeAsync(host, model, store, KnownAirports.Of(heldOut, FlightHistory.End), cancellationToken);
        }
    }

    private static string Reused(bool reused) => reused ? ", reused" : "";

    private async Task ServeAsync(ModelHost host, HostedModel model, OnlineStore store, KnownAirports known, CancellationToken cancellationToken)
    {
        using var features = store.CreateReaderPool(FlightFeatures.Service);
        await using var service = FlightService.Build(options.Port, host, model, features, known);
        await ServicePort.StartAsync(service, options.Port, cancellationToken);
        var address = service.Urls.First();
        AnsiConsole.MarkupLineInterpolated($"Listening on {address} until Ctrl+C. Try it at {address}/docs, or:");
        // Not through the console that breaks lines: it is there to be copied.
        Console.WriteLine($$"""  curl {{address}}/flights/predict --json '{"origin":"SEA","destination":"ATL","departure":"2001-07-01T00:30"}'""");
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            AnsiConsole.WriteLine("Stopping ...");
        }

        await service.StopAsync(CancellationToken.None);
    }

    private static async Task<HostedModel> LoadAsync(RegistryClient registry, ModelHost host, string name, LabelledRows sample, CancellationToken cancellationToken)
    {
        var resolved = await registry.ResolveAsync(name, RegistryStep.Alias, cancellationToken);
        var package = await registry.DownloadAsync(resolved, cancellationToken);
        FlightFeatures.Service.Require(package.Manifest.FeatureService);
        return await host.LoadAsync(package, new HostedModelOptions
        {
            Version = resolved.Version,
            Output = "probabilities",
            SampleRows = sample.Flatten(SampleRows),
        }, cancellationToken);
    }
}
