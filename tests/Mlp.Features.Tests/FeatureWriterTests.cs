using Mlp.Core;

namespace Mlp.Features.Tests;

/// <summary>Rows that several threads put at once, each by a writer of its own.</summary>
public class FeatureWriterTests
{
    private static readonly EventSource Readings = new("readings", "at", Column.Integer("sensor"), Column.Integer("value"), Column.Float("other"));
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly LatestView Latest = new("latest", new Entity("sensor", "sensor"), Readings, ["value", "other"]);
    private static readonly FeatureService Service = new("s", "1", Latest);

    // Small enough that most of the log is on disk, and that it is compacted every few rounds.
    private static readonly OnlineStoreOptions Small = new() { MemoryBytes = 1 << 16, PageBytes = 1 << 13, SegmentBytes = 1 << 14, IndexBytes = 1 << 12, LogBytesMax = 1 << 19 };
    private static readonly OnlineStoreOptions Large = Small with { LogBytesMax = 1 << 24 };

    [Fact]
    public async Task Whatever_the_threads_of_the_writers_the_newest_row_of_every_entity_is_kept_and_whole()
    {
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, Service, Large);
        const int writers = 4;
        const int sensors = 700;
        var puts = Enumerable.Range(0, writers).Select(w => Puts(seed: 40 + w, sensors)).ToArray();
        await Together(writers, w =>
        {
            using var writer = store.CreateWriter();
            var (keys, times, rows) = puts[w];
            for (var at = 0; at < keys.Length;)
            {
                // One row, or more than the writer does in one go.
                var count = at % 3 == 0 ? 1 : Math.Min(150, keys.Length - at);
                if (count == 1)
                {
                    writer.Put(Latest, EntityKey.Of(keys[at]), times[at], rows.AsSpan(at * 2, 2));
                }
                else
                {
                    writer.PutMany(Latest, keys.AsSpan(at, count).ToArray().Select(EntityKey.Of).ToArray(), times.AsSpan(at, count), rows.AsSpan(at * 2, count * 2));
                }

                at += count;
            }
        });
        var newest = new Dictionary<long, (DateTime Time, float Value)>();
        foreach (var (keys, times, rows) in puts)
        {
            for (var i = 0; i < keys.Length; i++)
            {
                // At one time the larger counts, as with a single writer.
                if (!newest.TryGetValue(keys[i], out var known) || (times[i], rows[i * 2]).CompareTo(known) > 0)
                {
                    newest[keys[i]] = (times[i], rows[i * 2]);
                }
            }
        }

        using var reader = store.CreateReader(Service);
        var row = new float[2];
        for (var sensor = 0; sensor < sensors; sensor++)
        {
            var status = reader.Read([EntityKey.Of(sensor)], Start.AddDays(1), row);
            Assert.Equal(newest.ContainsKey(sensor) ? FeatureReadStatus.Complete : FeatureReadStatus.SomeMissing, status);
            if (newest.TryGetValue(sensor, out var expected))
            {
                Assert.Equal([expected.Value, expected.Value + 0.5f], row);
            }
        }
    }

    [Fact]
    public async Task Of_each_writer_a_checkpoint_holds_what_it_put_until_some_moment_and_all_that_was_put_before()
    {
        const int writers = 3;
        using var folder = new TemporaryFolder();
        var before = new int[writers];
        var put = new int[writers];
        for (var round = 0; round < 6; round++)
        {
            using (var store = OnlineStore.Open(folder.Path, Service, Large))
            {
                // From where the last checkpoint has it.
                var first = before.ToArray();
                using var end = new CancellationTokenSource();
                using var going = new CountdownEvent(writers);
                var threads = Together(writers, w =>
                {
                    using var writer = store.CreateWriter();
                    for (var n = first[w]; n < first[w] + 20_000 && !end.IsCancellationRequested; n++)
                    {
                        Volatile.Write(ref put[w], n);
                        writer.PutMany(Latest, [Key(w, n % 500), Key(w, 500)], [Start.AddTicks(n * 10), Start.AddTicks(n * 10)], [n, -n, n, -n]);
                        if (n == first[w] + 50)
                        {
                            going.Signal();
                        }
                    }
                });
                going.Wait(TestContext.Current.CancellationToken);
                for (var w = 0; w < writers; w++)
                {
                    before[w] = Volatile.Read(ref put[w]) - 1;
                }

                await store.CheckpointAsync(Start.AddDays(1), TestContext.Current.CancellationToken);
                await end.CancelAsync();
                await threads;
            }

            using var opened = OnlineStore.Open(folder.Path, Service, Large);
            using var reader = opened.CreateReader(Service);
            var row = new float[2];
            for (var w = 0; w < writers; w++)
            {
                Assert.Equal(FeatureReadStatus.Complete, reader.Read([Key(w, 500)], Start.AddDays(1), row));
                var last = (int)row[0];
                Assert.InRange(last, before[w], put[w]);
                before[w] = last + 1;

                // The first row of a pair comes before its second, and the next pair after it.
                var lasts = Enumerable.Range(0, 500).Select(k => reader.Read([Key(w, k)], Start.AddDays(1), row) == FeatureReadStatus.Complete ? (int)row[0] : -1).ToArray();
                for (var k = 0; k < 500; k++)
                {
                    var whole = last - (((last - k) % 500) + 500) % 500;
                    Assert.True(lasts[k] == Math.Max(whole, -1) || (lasts[k] == last + 1 && (last + 1) % 500 == k) || whole < 0, $"{k}: {lasts[k]}, expected {whole}");
                }
            }
        }
    }

    [Fact]
    public async Task A_row_that_comes_while_a_checkpoint_is_decided_waits_until_its_version_is_closed()
    {
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.Path, Service, Small))
        {
            using var writer = store.CreateWriter();
            writer.Put(Latest, EntityKey.Of(1), Start, [1, -1]);
            Task? put = null;
            store.AtStep = step =>
            {
                if (step == CheckpointStep.Decided)
                {
                    using var begun = new ManualResetEventSlim();
                    put = Task.Run(() =>
                    {
                        begun.Set();
                        writer.Put(Latest, EntityKey.Of(1), Start.AddMinutes(1), [2, -2]);
                    });
                    begun.Wait();
                }

                if (step == CheckpointStep.VersionClosed)
                {
                    put!.Wait();
                }
            };
            await store.CheckpointAsync(Start.AddMinutes(1), TestContext.Current.CancellationToken);
            Assert.Equal([2f, -2f], Row(store, 1));
        }

        using var opened = OnlineStore.Open(folder.Path, Service, Small);
        Assert.Equal([1f, -1f], Row(opened, 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_checkpoint_before_a_row_that_a_writer_has_put_is_refused(bool closed)
    {
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, Service, Small);
        using var writer = store.CreateWriter();
        writer.Put(Latest, EntityKey.Of(1), Start.AddMinutes(1), [2, -2]);
        if (closed)
        {
            writer.Dispose();
        }

        var error = await Assert.ThrowsAsync<MlpException>(() => store.CheckpointAsync(Start.AddMinutes(1)));
        Assert.Equal(FeatureErrors.CountedTwice, error.Code);
        await store.CheckpointAsync(Start.AddMinutes(2), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_full_log_refuses_rows_and_keeps_what_it_has()
    {
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, Service, Small);
        using var writer = store.CreateWriter();
        var sensor = 0;
        var error = Assert.Throws<MlpException>((Action)(() =>
        {
            while (true)
            {
                writer.Put(Latest, EntityKey.Of(sensor), Start, [sensor, -sensor]);
                sensor++;
            }
        }));
        Assert.Equal(ErrorCodes.LimitReached, error.Code);
        Assert.Equal([sensor - 1f, 1f - sensor], Row(store, sensor - 1));
        Assert.Equal([0f, 0f], Row(store, 0));
    }

    [Fact]
    public void No_more_writers_are_open_than_allowed_and_each_is_refused_once_it_or_its_store_is_closed()
    {
        using var folder = new TemporaryFolder();
        var store = OnlineStore.Open(folder.Path, Service, Small with { WritersMax = 2 });
        using var one = store.CreateWriter();
        using var two = store.CreateWriter();
        var error = Assert.Throws<MlpException>(() => store.CreateWriter());
        Assert.Equal(ErrorCodes.LimitReached, error.Code);
        Assert.Contains("WritersMax", error.Message, StringComparison.Ordinal);
        two.Dispose();
        Assert.Throws<ObjectDisposedException>(() => two.Put(Latest, EntityKey.Of(1), Start, [1, 1]));
        using var three = store.CreateWriter();
        store.Dispose();
        Assert.Throws<ObjectDisposedException>(() => one.Put(Latest, EntityKey.Of(1), Start, [1, 1]));
        Assert.Throws<ObjectDisposedException>(() => store.CreateWriter());
        Assert.Throws<ArgumentOutOfRangeException>(() => (Small with { WritersMax = 0 }).Validate());
    }

    [Fact]
    public void Rows_keys_and_times_of_other_lengths_and_other_views_are_refused_before_anything_is_put()
    {
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, Service, Small);
        using var writer = store.CreateWriter();
        foreach (var (keys, times, floats) in new[] { (1, 1, 1), (2, 1, 4), (1, 2, 2), (2, 2, 6) })
        {
            var error = Assert.Throws<MlpException>(() => writer.PutMany(Latest, new EntityKey[keys], new DateTime[times], new float[floats]));
            Assert.Equal(ErrorCodes.TensorMismatch, error.Code);
        }

        var other = new LatestView("other", Latest.Entity, Readings, ["value"]);
        Assert.Equal(FeatureErrors.SchemaMismatch, Assert.Throws<MlpException>(() => writer.Put(other, EntityKey.Of(1), Start, [1])).Code);
        writer.Put(Latest, EntityKey.Of(1), Start, [1, 2]);
        Assert.Equal(1, store.RecordCount);
    }

    private static EntityKey Key(int writer, int n) => EntityKey.Of((writer * 1000) + n);

    private static float[] Row(OnlineStore store, int sensor)
    {
        using var reader = store.CreateReader(Service);
        var row = new float[2];
        reader.Read([EntityKey.Of(sensor)], Start.AddDays(1), row);
        return row;
    }

    private static (long[] Keys, DateTime[] Times, float[] Rows) Puts(int seed, int sensors)
    {
        var random = new Random(seed);
        var keys = new long[6_000];
        var times = new DateTime[keys.Length];
        var rows = new float[keys.Length * 2];
        for (var i = 0; i < keys.Length; i++)
        {
            // Few times, so that many rows of an entity have the same.
            keys[i] = random.Next(sensors - 5);
            times[i] = Start.AddSeconds(random.Next(30));
            rows[i * 2] = random.Next(1_000);
            rows[(i * 2) + 1] = rows[i * 2] + 0.5f;
        }

        return (keys, times, rows);
    }

    private static Task Together(int count, Action<int> work) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(w => Task.Factory.StartNew(() => work(w), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
}
