using System.Diagnostics;
using Mlp.Features;

namespace Mlp.Benchmarks;

/// <summary>A row of the online store beside one from Redis on the same machine: the median of single requests.</summary>
internal sealed class FeaturesRedis : IBenchmark
{
    private const int RequestsARound = 500;

    public string Name => "features.redis";

    public string Settings => $"Mlp.Features' online store against Redis over loopback by StackExchange.Redis (blobs under 8-byte keys, one connection, nothing persisted), each request timed by itself and one at a time; {FeatureRows.Data}";

    public IReadOnlyList<Figure> Run(Effort effort, Action<string> say)
    {
        if (RedisServer.Missing is { } missing)
        {
            say($"left out: {missing}");
            return [];
        }

        var folder = Directory.CreateTempSubdirectory("mlp-bench-").FullName;
        try
        {
            using var rows = FeatureRows.Filled(effort.Of(FeatureRows.AllEntities), FeatureRows.Options);
            using var server = RedisServer.Start(folder);
            using var peer = new RedisRows(server);
            peer.Fill(rows.Entities);
            peer.Check(Math.Min(rows.Entities, 50_000));
            using var reader = rows.Store.CreateReader(rows.Service);
            rows.Check(reader);
            return Measure(effort, rows, reader, peer);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private List<Figure> Measure(Effort effort, FeatureRows rows, FeatureReader reader, RedisRows peer)
    {
        const int together = FeatureRows.Together;
        var (ids, keys) = rows.RandomKeys(5);
        var tensor = new float[together * FeatureRows.Width];
        var row = tensor.AsMemory(0, FeatureRows.Width);
        var single = Medians(effort,
            n => FeatureRows.Require(reader.Read(keys.AsSpan(n & (keys.Length - 1), 1), FeatureRows.Asked, row.Span) == FeatureReadStatus.Complete),
            n => FeatureRows.Require(peer.Read(ids[n & (ids.Length - 1)], row.Span)));
        var blocks = ids.Length / together;
        var many = Medians(effort,
            n => FeatureRows.Require(reader.ReadMany(keys.AsSpan(n % blocks * together, together), FeatureRows.Asked, tensor) == FeatureReadStatus.Complete),
            n => FeatureRows.Require(peer.ReadMany(ids.AsSpan(n % blocks * together, together), tensor)));
        return [Figure.OfCost(Name, "1 row, p50", single, peer.Name, "us"), Figure.OfCost(Name, "100 rows, p50", many, peer.Name, "us")];
    }

    // The median of all requests, and the least of the rounds' medians.
    private static Pair Medians(Effort effort, Action<int> ours, Action<int> theirs)
    {
        var rounds = effort.Pairs * (effort == Effort.Smoke ? 1 : 4);
        double[] a = new double[rounds * RequestsARound], b = new double[a.Length];
        double leastA = double.MaxValue, leastB = double.MaxValue;
        for (var warm = 0; warm < 4; warm++)
        {
            Round(ours, a, 0);
            Round(theirs, b, 0);
        }

        for (var round = 0; round < rounds; round++)
        {
            leastA = Math.Min(leastA, Round(ours, a, round * RequestsARound));
            leastB = Math.Min(leastB, Round(theirs, b, round * RequestsARound));
        }

        return new Pair(SideBySide.Median(a), SideBySide.Median(b), leastA, leastB);
    }

    private static double Round(Action<int> request, double[] times, int first)
    {
        for (var i = 0; i < RequestsARound; i++)
        {
            var started = Stopwatch.GetTimestamp();
            request(first + i);
            times[first + i] = (Stopwatch.GetTimestamp() - started) * 1e6 / Stopwatch.Frequency;
        }

        return SideBySide.Median(times[first..(first + RequestsARound)]);
    }
}
