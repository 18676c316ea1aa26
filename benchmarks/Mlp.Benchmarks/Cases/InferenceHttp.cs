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
    private const int TheirPairPort = 5603;

    public string Name => "inference.http";

    public string Settings => "wrk with 64 connections on the same cores, one row a request, JSON; each server in a process of its own; Fastify with onnxruntime-node as one process, at its best of one thread or ONNX Runtime's default, and as a process for each core";

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
        using var server = HttpProcess.Start("dotnet", [typeof(HttpServer).Assembly.Location, HttpServer.Command, folder.Package, runtime, $"{OurPort}"], OurPort);
        folder.Check(OurPort);
        var threads = BestThreads(folder, effort, say, name);
        using var peer = folder.StartPeer(TheirPort, 1, threads);
        using var pair = folder.StartPeer(TheirPairPort, Environment.ProcessorCount, 1);
        folder.Check(TheirPort);
        folder.Check(TheirPairPort);
        var (ours, theirs, theirPair, empty) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < Rounds(effort); i++)
        {
            ours.Add(Microseconds(OurPort, folder.Route));
            theirs.Add(Microseconds(TheirPort, folder.Route));
            theirPair.Add(Microseconds(TheirPairPort, folder.Route));
            empty.Add(Microseconds(OurPort, "/empty"));
        }

        var fastify = $"fastify {HttpTools.Version("fastify")} with onnxruntime-node {HttpTools.Version("onnxruntime-node")}";
        Add(name, theirs, $"{fastify}, {(threads == 0 ? "default threads" : $"{threads} thread")}");
        Add($"{name}, a peer for each core", theirPair, $"{fastify}, {Environment.ProcessorCount} processes of 1 thread");
        Add($"{name}, empty endpoint", empty, "our own empty endpoint");

        double Microseconds(int port, string route) => 1e6 / folder.Rate(port, route, Seconds(effort));

        void Add(string @case, List<double> them, string who) =>
            figures.Add(Figure.OfCost(Name, @case, new Pair(SideBySide.Median([.. ours]), SideBySide.Median([.. them]), ours.Min(), them.Min()), who, "us"));
    }

    // ONNX Runtime's default, or one thread as is best for small models beside other work.
    private static int BestThreads(HttpCase folder, Effort effort, Action<string> say, string name)
    {
        var best = (Rate: 0.0, Threads: 0);
        foreach (var threads in new[] { 0, 1 })
        {
            using var peer = folder.StartPeer(TheirPort, 1, threads);
            folder.Rate(TheirPort, folder.Route, Seconds(effort) / 2);
            var rate = folder.Rate(TheirPort, folder.Route, Seconds(effort));
            say(string.Create(CultureInfo.InvariantCulture, $"{name}: fastify, {(threads == 0 ? "default threads" : $"{threads} thread")}: {rate:#,0} requests a second"));
            best = rate > best.Rate ? (rate, threads) : best;
        }

        return best.Threads;
    }

    private static int Rounds(Effort effort) => effort == Effort.Full ? 7 : effort == Effort.Quick ? 3 : 1;

    private static double Seconds(Effort effort) => effort == Effort.Full ? 4 : effort == Effort.Quick ? 2 : 1;
}
