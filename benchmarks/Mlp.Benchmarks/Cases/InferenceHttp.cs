using System.Globalization;
using System.Text;
using System.Text.Json;
using Mlp.Core;

namespace Mlp.Benchmarks;

/// <summary>The Open Inference Protocol's REST route, against Fastify with onnxruntime-node and against an endpoint of ours that does nothing.</summary>
internal sealed class InferenceHttp : IBenchmark
{
    private const int OurPort = 5601;
    private const int TheirPort = 5602;

    public string Name => "inference.http";

    public string Settings => "wrk with 64 connections on the same cores, one row a request, JSON; each server in a process of its own; Fastify with onnxruntime-node at its best of one or two processes, one thread or ONNX Runtime's default";

    public IReadOnlyList<Figure> Run(Effort effort, Action<string> say)
    {
        if (HttpTools.Missing(effort, say) is { } missing)
        {
            say($"left out: {missing}");
            return [];
        }

        var figures = new List<Figure>();
        Measure("mlp", NetModel.Write(), NetModel.Rows, "onnx", effort, say, figures);
        var trees = TreeModel.Find(Directory.GetCurrentDirectory());
        Measure("trees", trees.Onnx, trees.Rows, "auto", effort, say, figures);
        return figures;
    }

    private void Measure(string name, byte[] onnx, Func<int, float[]> rows, string runtime, Effort effort, Action<string> say, List<Figure> figures)
    {
        using var folder = new HttpCase(onnx, rows(ServedModel.Callers * ServedModel.Turns));
        using var ours = HttpProcess.Start("dotnet", [typeof(HttpServer).Assembly.Location, HttpServer.Command, folder.Package, runtime, $"{OurPort}"], OurPort);
        folder.Check(OurPort);
        var (processes, threads) = BestPeer(folder, effort, say, name);
        using var peer = folder.StartPeer(TheirPort, processes, threads);
        folder.Check(TheirPort);
        var (a, b, empty) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < Rounds(effort); i++)
        {
            a.Add(1e6 / folder.Rate(OurPort, folder.Route, Seconds(effort)));
            b.Add(1e6 / folder.Rate(TheirPort, folder.Route, Seconds(effort)));
            empty.Add(1e6 / folder.Rate(OurPort, "/empty", Seconds(effort)));
        }

        // A core's time for a request, as many requests as the machine takes.
        var pair = new Pair(SideBySide.Median([.. a]), SideBySide.Median([.. b]), a.Min(), b.Min());
        figures.Add(Figure.OfCost(Name, name, pair, $"fastify {HttpTools.Version("fastify")} with onnxruntime-node {HttpTools.Version("onnxruntime-node")}, {processes} process{(processes == 1 ? "" : "es")}, {(threads == 0 ? "default threads" : $"{threads} thread")}", "us"));
        pair = new Pair(SideBySide.Median([.. empty]), SideBySide.Median([.. a]), empty.Min(), a.Min());
        say(string.Create(CultureInfo.InvariantCulture, $"{name}: the empty endpoint answers {1e6 / pair.Ours:#,0} requests a second, the model's route {1e6 / pair.Theirs:#,0}: {pair.Ours / pair.Theirs:P0} of it"));
        figures.Add(Figure.OfCost(Name, $"{name}, empty endpoint", new Pair(pair.Theirs, pair.Ours, pair.TheirsMin, pair.OursMin), "our own empty endpoint", "us"));
    }

    private static (int Processes, int Threads) BestPeer(HttpCase folder, Effort effort, Action<string> say, string name)
    {
        var best = (Rate: 0.0, Processes: 1, Threads: 0);
        foreach (var (processes, threads) in new[] { (1, 0), (1, 1), (2, 1) })
        {
            using var peer = folder.StartPeer(TheirPort, processes, threads);
            folder.Rate(TheirPort, folder.Route, Seconds(effort) / 2);
            var rate = folder.Rate(TheirPort, folder.Route, Seconds(effort));
            say(string.Create(CultureInfo.InvariantCulture, $"{name}: fastify, {processes} process{(processes == 1 ? "" : "es")}, {(threads == 0 ? "default threads" : $"{threads} thread")}: {rate:#,0} requests a second"));
            best = rate > best.Rate ? (rate, processes, threads) : best;
        }

        return (best.Processes, best.Threads);
    }

    private static int Rounds(Effort effort) => effort == Effort.Full ? 7 : effort == Effort.Quick ? 3 : 1;

    private static double Seconds(Effort effort) => effort == Effort.Full ? 4 : effort == Effort.Quick ? 2 : 1;
}
