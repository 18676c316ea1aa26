using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using FlightDelay.Features;
using FlightDelay.Live;
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
        CheckPort();
        using var workspace = Workspace.Open(options.WorkspaceFolder, options.Fresh);
        var steps = new StepConsole(Steps);

        var history = await steps.RunAsync("Read the flights",
            _ => Task.FromResult(FlightHistory.Open(workspace, options.FlightsFile)),
            h => $"{h.Count:N0} departures, each known once it has happened");

        await using var server = await steps.RunAsync("Start the registry",
            _ => RegistryServer.StartAsync(new RegistryServerOptions { Folder = workspace.At("registry") }, cancellationToken),
            s => $"at {s.Address}");
        using var registry = new RegistryClient(new RegistryClientOptions { Server = server.Address, CacheFolder = workspace.At("cache"), CacheScope = "demo" });

        var training = new TrainingStep(workspace, history, registry, TimeProvider.System);
        var (trainingRows, heldOut) = await steps.RunAsync("Join features to flights",
            progress => Task.FromResult((
                training.IsDone ? null : history.Rows(FlightHistory.TrainingBegin, FlightHistory.HeldOutBegin, progress),
                history.Rows(FlightHistory.HeldOutBegin, FlightHistory.End))),
            rows => $"{(rows.Item1 is null ? "" : $"{rows.Item1.Count:N0} rows to train on, ")}{rows.Item2.Count:N0} held out, {FlightFeatures.Service.RowLength} features, as known at departure");

        var (trained, result, evaluation) = await steps.RunAsync("Train and evaluate",
            async progress =>
            {
                var (package, r) = trainingRows is null ? training.Load() : await training.RunAsync(trainingRows, heldOut, progress);
                return (package, r, HeldOutEvaluation.Of(r, heldOut));
            },
            t => $"{(trainingRows is null ? "kept from an earlier run: " : "")}AUC {t.Item3.Trees.Auc:0.000}, logistic regression {t.Item3.LogisticRegression.Auc:0.000}; ONNX within {Math.Max(t.r.OnnxRuntimeDifference, t.r.EdgeDifference):0.0e+0} of the trainer");

        var version = await steps.RunAsync("Publish and promote",
            _ => new RegistryStep(registry).PublishAsync(trained, result.RunId, evaluation, cancellationToken),
            v => $"{v.Name} version {v.Version}, followed by the alias {RegistryStep.Alias}");

        var loading = Stopwatch.StartNew();
        await using var host = new ModelHost();
        var model = await steps.RunAsync("Load what the registry gives",
            _ => LoadAsync(registry, host, version.Name, heldOut, cancellationToken),
            m => $"version {m.Version.Version}, {m.Version.Digest[..19]}… verified, runs on {m.Version.Runtime}");
        loading.Stop();

        var materialising = new OnlineStep(workspace, history);
        using var store = await steps.RunAsync("Materialise to the online store",
            progress => materialising.RunAsync(progress, cancellationToken),
            s => $"complete until {s.CompleteUntil:yyyy-MM-dd}, {s.LogBytes / 1e6:0.0} MB");

        var live = await steps.RunAsync("Replay the last month live",
            progress => new Replay(history, store, model).RunAsync(heldOut, progress),
            l => $"{l.Predictions:N0} predictions, {l.Events:N0} events fed back, {l.Differences} differences from offline");

        var throughput = await steps.RunAsync("Ask from many callers at once",
            _ => new Throughput(store, model).RunAsync(heldOut, FlightHistory.End),
            t => $"{t.PredictionsPerSecond:N0} predictions a second for {t.Callers} callers");

        var report = new ReportStep(workspace);
        var data = await steps.RunAsync("Write the report",
            _ => Task.FromResult(report.Write(history, result, evaluation, model, store, live, throughput, loading.Elapsed + materialising.OpenTime)),
            _ => "plots, slices, drift by month");
        report.Show(data);
        if (live.Differences > 0 || throughput.Wrong > 0)
        {
            throw new DemoException($"{live.Differences} live rows differ from the offline ones and {throughput.Wrong} answers changed in company; 0 were expected.");
        }

        if (options.Serve)
        {
            await ServeAsync(host, model, store, KnownAirports.Of(heldOut, FlightHistory.End), cancellationToken);
        }
    }

    // Known at once, not after the work.
    private void CheckPort()
    {
        if (!options.Serve || options.Port == 0)
        {
            return;
        }

        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, options.Port);
            probe.Start();
        }
        catch (SocketException e)
        {
            throw new DemoException($"Port {options.Port} is in use; choose another one with --port.", e);
        }
    }

    private async Task ServeAsync(ModelHost host, HostedModel model, OnlineStore store, KnownAirports known, CancellationToken cancellationToken)
    {
        using var features = store.CreateReaderPool(FlightFeatures.Service);
        await using var service = FlightService.Build(options.Port, host, model, features, known);
        await service.StartAsync(cancellationToken);
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
