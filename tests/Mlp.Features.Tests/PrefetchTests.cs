using System.Runtime.Intrinsics.X86;

namespace Mlp.Features.Tests;

/// <summary>Memory that is asked for in advance changes how long a read takes, and nothing else.</summary>
public class PrefetchTests
{
    private static readonly EventSource Readings = new("readings", "at", Column.Integer("sensor"), Column.Text("place"), Column.Integer("value"));
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly Entity Sensor = new("sensor", "sensor");
    private static readonly LatestView Latest = new("latest", Sensor, Readings, ["value"], timeToLive: TimeSpan.FromMinutes(30));
    private static readonly WindowedView Sums = new("sums", Sensor, Readings, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10), Aggregate.Count(TimeSpan.FromHours(1)), Aggregate.Mean("value", TimeSpan.FromHours(24)));
    private static readonly LatestView Place = new("place", new Entity("place", "place"), Readings, ["value"]);
    private static readonly OnDemandView Hour = new("hour", "1", ["hour"], (time, features) => features[0] = time.Hour);
    private static readonly FeatureService All = new("all", "1", Sums, Hour, Place, Latest);
    private static readonly FeatureService One = new("one", "1", Latest);
    private static readonly FeatureService None = new("none", "1", Hour);

    // Buckets overflow, pages are replaced, and most of the records are on disk.
    private static readonly OnlineStoreOptions Small = new() { MemoryBytes = 1 << 16, PageBytes = 1 << 13, SegmentBytes = 1 << 14, IndexBytes = 1 << 10, LogBytesMax = 1 << 24 };
    private static readonly OnlineStoreOptions Roomy = new() { MemoryBytes = 1 << 24, PageBytes = 1 << 16, IndexBytes = 1 << 16 };

    [Fact]
    public void The_engine_keeps_its_index_and_pages_where_prefetching_looks_for_them()
    {
        Assert.SkipUnless(Sse.IsSupported, "this processor takes no such advice");
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, All, Roomy);
        Assert.True(store.Prefetches, "the engine's fields have other names or types: RecordPrefetch has to follow");
        store.Prefetches = false;
        Assert.False(store.Prefetches);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(false, 2)]
    [InlineData(true, 3)]
    [InlineData(true, 4)]
    public async Task Rows_are_the_same_with_and_without_it(bool roomy, int seed)
    {
        const int sensors = 400;
        var random = new Random(seed);
        var options = roomy ? Roomy : Small;
        using var folder = new TemporaryFolder();
        for (var opening = 0; opening < 2; opening++)
        {
            // The second time after a recovery, with a larger index.
            using var store = OnlineStore.Open(folder.Path, All, options with { IndexBytes = options.IndexBytes << opening });
            for (var i = 0; i < 4_000; i++)
            {
                store.Push(Readings, Start.AddSeconds((opening * 4_000) + i), (long)random.Next(sensors), $"place {random.Next(50)}", (long)random.Next(100));
            }

            using var plainAll = Reader(store, All, prefetches: false);
            using var plainOne = Reader(store, One, prefetches: false);
            using var plainNone = Reader(store, None, prefetches: false);
            using var all = Reader(store, All, prefetches: true);
            using var one = Reader(store, One, prefetches: true);
            using var none = Reader(store, None, prefetches: true);
            foreach (var count in new[] { 0, 1, 2, 7, 15, 16, 17, 100, 333 })
            {
                var time = Start.AddSeconds(random.Next(3_000, 10_000));

                // Some are unknown.
                var keys = Enumerable.Range(0, count * 2).Select(k => k % 2 == 0 ? EntityKey.Of(random.Next(sensors + 40)) : EntityKey.Of($"place {random.Next(55)}")).ToArray();
                Equal(plainAll, all, keys, time, count, All.RowLength);
                Equal(plainOne, one, [.. keys.Where((_, k) => k % 2 == 0)], time, count, One.RowLength);
                Equal(plainNone, none, [], time, count, None.RowLength);
            }

            await store.CheckpointAsync(Start.AddDays(1 + opening), TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void Reading_ahead_allocates_nothing()
    {
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, All, Roomy);
        for (var i = 0; i < 100; i++)
        {
            store.Push(Readings, Start.AddSeconds(i), (long)i, "here", (long)i);
        }

        using var reader = store.CreateReader(All);
        var keys = Enumerable.Range(0, 200).Select(k => k % 2 == 0 ? EntityKey.Of(k / 2) : EntityKey.Of("here")).ToArray();
        var rows = new float[100 * All.RowLength];
        reader.ReadMany(keys, Start.AddHours(1), rows);
        reader.Read(keys.AsSpan(0, 2), Start.AddHours(1), rows.AsSpan(0, All.RowLength));
        var before = GC.GetAllocatedBytesForCurrentThread();
        reader.ReadMany(keys, Start.AddHours(1), rows);
        reader.Read(keys.AsSpan(0, 2), Start.AddHours(1), rows.AsSpan(0, All.RowLength));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static FeatureReader Reader(OnlineStore store, FeatureService service, bool prefetches)
    {
        store.Prefetches = prefetches;
        return store.CreateReader(service);
    }

    private static void Equal(FeatureReader plain, FeatureReader ahead, EntityKey[] keys, DateTime time, int count, int width)
    {
        var expected = new float[count * width];
        var rows = new float[expected.Length];
        Assert.Equal(plain.ReadMany(keys, time, expected), ahead.ReadMany(keys, time, rows));
        Assert.Equal(expected, rows);
        if (count == 1)
        {
            Array.Clear(rows);
            Assert.Equal(plain.Read(keys, time, expected), ahead.Read(keys, time, rows));
            Assert.Equal(expected, rows);
        }
    }
}
