using Mlp.Core;

namespace Mlp.Features.Tests;

/// <summary>The log stays within its bound, and what is live stays in it.</summary>
public class CompactionTests
{
    private const int Sensors = 400;
    private static readonly EventSource Readings = new("readings", "at", Column.Integer("sensor"), Column.Integer("value"));
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly LatestView Latest = new("latest", new Entity("sensor", "sensor"), Readings, ["value"]);
    private static readonly FeatureService Service = new("s", "1", Latest);
    private static readonly OnlineStoreOptions Small = new() { MemoryBytes = 1 << 16, PageBytes = 1 << 12, SegmentBytes = 1 << 13, IndexBytes = 1 << 12, LogBytesMax = 1 << 18 };

    [Fact]
    public async Task The_same_keys_pushed_without_end_take_no_more_of_the_disk_than_is_allowed()
    {
        using var folder = new TemporaryFolder();
        const int rounds = 80;
        long written = 0;
        using (var store = OnlineStore.Open(folder.Path, Service, Small))
        {
            // Some are put once and never again: they have to be carried along.
            for (var s = Sensors; s < Sensors * 2; s++)
            {
                store.Put(Latest, EntityKey.Of(s), Start, [s]);
            }

            for (var round = 0; round < rounds; round++)
            {
                var before = store.LogBytes;
                PutAll(store, round);
                written += store.LogBytes - before;
                await store.CheckpointAsync(Start.AddMinutes(round + 1));
                Assert.InRange(DiskBytes(folder), 1, Small.LogBytesMax + (2 * Small.SegmentBytes));
            }
        }

        Assert.True(written > 4 * Small.LogBytesMax, $"only {written} bytes were written");
        using var opened = OnlineStore.Open(folder.Path, Service, Small);
        CheckAll(opened, rounds - 1);
        Assert.InRange(DiskBytes(folder), 1, Small.LogBytesMax + (2 * Small.SegmentBytes));
    }

    [Fact]
    public async Task A_full_log_refuses_pushes_by_name_until_a_checkpoint_has_made_room()
    {
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, Service, Small);
        var refused = 0;
        for (var round = 0; refused == 0; round++)
        {
            Assert.True(round < 100, "the log never becomes full");
            try
            {
                // More than memory holds: each round moves every record.
                PutAll(store, round, Sensors * 4);
            }
            catch (MlpException e) when (e.Code == ErrorCodes.LimitReached)
            {
                Assert.Contains(nameof(OnlineStoreOptions.LogBytesMax), e.Message, StringComparison.Ordinal);
                Assert.InRange(store.LogBytes, Small.LogBytesMax, Small.LogBytesMax + Small.PageBytes);
                refused = round;
            }
        }

        await store.CheckpointAsync(Start.AddMinutes(refused + 1));
        Assert.True(store.LogBytes < Small.LogBytesMax);
        PutAll(store, refused + 1, Sensors * 4);
        store.Dispose();
        using var opened = OnlineStore.Open(folder.Path, Service, Small);
        using var reader = opened.CreateReader(Service);
        var row = new float[1];
        Assert.Equal(FeatureReadStatus.Complete, reader.Read([EntityKey.Of(0)], Start.AddDays(1), row));
    }

    [Fact]
    public async Task Readers_miss_no_entity_while_the_log_is_compacted_under_them()
    {
        // More than memory holds: most reads go to the disk.
        const int many = Sensors * 4;
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, Service, Small);
        PutAll(store, 0, many);
        using var writing = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(n => Task.Run(() =>
        {
            using var reader = store.CreateReader(Service);
            var row = new float[1];
            var newest = new float[many];
            long reads = 0;
            for (var s = n; !writing.IsCancellationRequested; s = (s + 7) % many, reads++)
            {
                Assert.Equal(FeatureReadStatus.Complete, reader.Read([EntityKey.Of(s)], Start.AddDays(1), row));
                Assert.Equal(s, row[0] % 10_000);
                Assert.True(row[0] >= newest[s], "a newer value was seen before");
                newest[s] = row[0];
            }

            return reads;
        })).ToArray();
        try
        {
            for (var round = 1; round < 20; round++)
            {
                PutAll(store, round, many);
                await store.CheckpointAsync(Start.AddMinutes(round + 1));
            }
        }
        finally
        {
            await writing.CancelAsync();
        }

        Assert.All(await Task.WhenAll(readers), reads => Assert.True(reads > 0));
    }

    [Fact]
    public async Task Records_of_different_lengths_all_survive_however_often_the_log_is_compacted()
    {
        using var folder = new TemporaryFolder();
        var view = new LatestView("texts", Latest.Entity, new EventSource("texts", "at", Column.Integer("sensor"), Column.Text("text")), ["text"]);
        var service = new FeatureService("s", "1", view);
        using var store = OnlineStore.Open(folder.Path, service, Small with { RowBytesMax = 2048 });
        static string Text(int s) => new((char)('a' + (s % 26)), (s * 7919) % 97);
        for (var s = 0; s < Sensors * 3; s++)
        {
            store.PutValues(view, EntityKey.Of(s), Start, [Text(s)]);
        }

        using var reader = store.CreateReader(service);
        var values = new FeatureValue[1];
        for (var round = 0; round < 25; round++)
        {
            // Each time from another place on.
            store.PutValues(view, EntityKey.Of(-1 - round), Start, [Text(round * 5)]);
            await store.CompactAsync(TestContext.Current.CancellationToken);
            if (round % 5 == 4)
            {
                await store.CheckpointAsync(Start.AddMinutes(round), TestContext.Current.CancellationToken);
            }

            for (var s = 0; s < Sensors * 3; s++)
            {
                Assert.Equal(FeatureReadStatus.Complete, reader.ReadValues(view, EntityKey.Of(s), Start.AddDays(1), values));
                Assert.Equal(Text(s), values[0].Text);
            }
        }
    }

    private static void PutAll(OnlineStore store, int round, int sensors = Sensors)
    {
        for (var s = 0; s < sensors; s++)
        {
            store.Put(Latest, EntityKey.Of(s), Start.AddMinutes(round), [s + (10_000 * round)]);
        }
    }

    private static void CheckAll(OnlineStore store, int round)
    {
        using var reader = store.CreateReader(Service);
        var row = new float[1];
        for (var s = 0; s < Sensors * 2; s++)
        {
            Assert.Equal(FeatureReadStatus.Complete, reader.Read([EntityKey.Of(s)], Start.AddDays(1), row));
            Assert.Equal(s < Sensors ? s + (10_000 * round) : s, row[0]);
        }
    }

    private static long DiskBytes(TemporaryFolder folder) => Directory.EnumerateFiles(folder.At("log")).Sum(f => new FileInfo(f).Length);
}
