using System.Globalization;
using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

public class OnlineStoreTests
{
    private static readonly EventSource Readings = new("readings", "at", Column.Integer("sensor"), Column.Integer("value"));
    private static readonly Entity Sensor = new("sensor", "sensor");
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static WindowedView Hourly(TimeSpan lateness) =>
        new("hourly", Sensor, Readings, TimeSpan.FromMinutes(1), lateness, Aggregate.Count(TimeSpan.FromHours(1)), Aggregate.Mean("value", TimeSpan.FromHours(1)));

    [Fact]
    public async Task What_was_checkpointed_is_there_after_a_restart_and_what_came_later_is_not()
    {
        using var folder = new TemporaryFolder();
        var service = new FeatureService("s", "1", Hourly(TimeSpan.Zero));
        using (var store = OnlineStore.Open(folder.Path, service))
        {
            Assert.Null(store.CompleteUntil);
            store.Push(Readings, Start, 1L, 10L);
            store.Push(Readings, Start.AddMinutes(2), 1L, 20L);
            await store.CheckpointAsync(Start.AddMinutes(3));
            store.Push(Readings, Start.AddMinutes(4), 1L, 90L);
        }

        using (var store = OnlineStore.Open(folder.Path, service))
        {
            Assert.Equal(Start.AddMinutes(3), store.CompleteUntil);
            Assert.Equal([2f, 15f], Row(store, service, 1, Start.AddMinutes(10)));

            // The stream goes on where the checkpoint ended, and is counted once.
            store.Push(Readings, Start.AddMinutes(4), 1L, 90L);
            Assert.Equal([3f, 40f], Row(store, service, 1, Start.AddMinutes(10)));
            await store.CheckpointAsync(Start.AddMinutes(5));
        }

        using var last = OnlineStore.Open(folder.Path, service);
        Assert.Equal([3f, 40f], Row(last, service, 1, Start.AddMinutes(10)));
    }

    [Fact]
    public async Task A_checkpoint_that_would_count_an_event_twice_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, new FeatureService("s", "1", Hourly(TimeSpan.Zero)));
        store.Push(Readings, Start.AddMinutes(5), 1L, 1L);
        var error = await Assert.ThrowsAsync<MlpException>(() => store.CheckpointAsync(Start.AddMinutes(5)));
        Assert.Equal(FeatureErrors.CountedTwice, error.Code);
        Assert.Null(store.CompleteUntil);
    }

    [Fact]
    public void A_window_ends_before_the_request_and_begins_with_its_tile()
    {
        using var folder = new TemporaryFolder();
        var service = new FeatureService("s", "1", Hourly(TimeSpan.Zero));
        using var store = OnlineStore.Open(folder.Path, service);
        store.Push(Readings, Start, 1L, 7L);
        Assert.Equal([0f, float.NaN], Row(store, service, 1, Start));
        Assert.Equal([0f, float.NaN], Row(store, service, 1, Start.AddSeconds(59)));
        Assert.Equal([1f, 7f], Row(store, service, 1, Start.AddMinutes(1)));
        Assert.Equal([1f, 7f], Row(store, service, 1, Start.AddMinutes(60)));
        Assert.Equal([0f, float.NaN], Row(store, service, 1, Start.AddMinutes(61)));
    }

    [Fact]
    public void An_event_within_the_lateness_is_counted_and_a_later_one_is_counted_as_too_late()
    {
        using var folder = new TemporaryFolder();
        var service = new FeatureService("s", "1", Hourly(TimeSpan.FromMinutes(10)));
        using var store = OnlineStore.Open(folder.Path, service);
        store.Push(Readings, Start.AddMinutes(30), 1L, 10L);
        store.Push(Readings, Start.AddMinutes(20), 1L, 20L);
        store.Push(Readings, Start.AddMinutes(19), 1L, 1000L);
        Assert.Equal([2f, 15f], Row(store, service, 1, Start.AddMinutes(40)));
        Assert.Equal(1, store.TooLateCount);
    }

    [Fact]
    public void A_read_before_what_is_kept_says_so_and_gives_no_number()
    {
        using var folder = new TemporaryFolder();
        var service = new FeatureService("s", "1", Hourly(TimeSpan.Zero));
        using var store = OnlineStore.Open(folder.Path, service);
        for (var minute = 0; minute < 5000; minute++)
        {
            store.Push(Readings, Start.AddMinutes(minute), 1L, 1L);
        }

        using var reader = store.CreateReader(service);
        var row = new float[2];
        Assert.Equal(FeatureReadStatus.Complete, reader.Read([EntityKey.Of(1)], Start.AddMinutes(5000), row));
        Assert.Equal([60f, 1f], row);
        Assert.Equal(FeatureReadStatus.TooOld, reader.Read([EntityKey.Of(1)], Start.AddMinutes(100), row));
        Assert.Equal([float.NaN, float.NaN], row);
        Assert.Equal(FeatureReadStatus.SomeMissing, reader.Read([EntityKey.Of(2)], Start.AddMinutes(100), row));
        Assert.Equal([0f, float.NaN], row);
    }

    [Fact]
    public void The_newest_row_wins_whatever_the_order_and_grows_old()
    {
        using var folder = new TemporaryFolder();
        var view = new LatestView("latest", Sensor, Readings, ["value"], TimeSpan.FromHours(1));
        var service = new FeatureService("s", "1", view);
        using var store = OnlineStore.Open(folder.Path, service);
        store.Put(view, EntityKey.Of(1), Start.AddMinutes(5), [5]);
        store.Put(view, EntityKey.Of(1), Start.AddMinutes(2), [2]);
        store.Push(Readings, Start.AddMinutes(5), 1L, 3L);
        Assert.Equal([5f], Row(store, service, 1, Start.AddMinutes(6)));
        Assert.Equal([5f], Row(store, service, 1, Start.AddMinutes(65)));
        Assert.Equal([float.NaN], Row(store, service, 1, Start.AddMinutes(66)));
    }

    [Fact]
    public void A_pushed_integer_is_rounded_to_a_float_once()
    {
        using var folder = new TemporaryFolder();
        var service = new FeatureService("s", "1", new LatestView("latest", Sensor, Readings, ["value"]));
        using var store = OnlineStore.Open(folder.Path, service);

        // Just above the middle between two floats; as a double it would be the middle itself, which goes to the lower one.
        store.Push(Readings, Start, 1L, (1L << 60) + (1L << 36) + 1);
        Assert.Equal([(float)((1L << 60) + (1L << 37))], Row(store, service, 1, Start.AddMinutes(1)));
    }

    [Fact]
    public async Task More_than_the_memory_holds_is_read_from_disk_and_survives_a_restart()
    {
        using var folder = new TemporaryFolder();
        var view = new LatestView("latest", Sensor, Readings, ["value"]);
        var service = new FeatureService("s", "1", view);
        var options = new OnlineStoreOptions { MemoryBytes = 1 << 16, PageBytes = 1 << 12, SegmentBytes = 1 << 20, IndexBytes = 1 << 16 };
        const int entities = 20_000;
        using (var store = OnlineStore.Open(folder.Path, service, options))
        {
            for (var i = 0; i < entities; i++)
            {
                store.Put(view, EntityKey.Of(i), Start, [i]);
            }

            CheckAll(store);
            await store.CheckpointAsync(Start.AddMinutes(1));
        }

        using var opened = OnlineStore.Open(folder.Path, service, options);
        CheckAll(opened);

        void CheckAll(OnlineStore store)
        {
            Assert.True(store.LogBytes > 4 * options.MemoryBytes);
            using var reader = store.CreateReader(service);
            var row = new float[1];
            for (var i = 0; i < entities; i += 7)
            {
                Assert.Equal(FeatureReadStatus.Complete, reader.Read([EntityKey.Of(i)], Start.AddMinutes(2), row));
                Assert.Equal(i, row[0]);
            }
        }
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        using var folder = new TemporaryFolder();
        var events = Departures.Events(3, 500);
        using var store = OnlineStore.Open(folder.Path, Departures.Service);
        foreach (var e in events)
        {
            Departures.Push(store, e);
        }

        using var reader = store.CreateReader(Departures.Service);
        var keys = new Departures.Request(events[^1].KnownAt, "SEA", "BOS").Keys;
        var row = new float[Departures.Service.RowLength];
        var time = Departures.Start.AddDays(14);
        for (var i = 0; i < 1000; i++)
        {
            reader.Read(keys, time, row);
        }

        // A collection that another test causes gives this thread's unused room back, which counts as allocated: the quietest round tells.
        var least = long.MaxValue;
        for (var round = 0; round < 10 && least > 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 10_000; i++)
            {
                reader.Read(keys, time, row);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public async Task Readers_never_see_half_an_event_while_another_thread_writes()
    {
        using var folder = new TemporaryFolder();
        var service = new FeatureService("s", "1", Hourly(TimeSpan.Zero));
        using var store = OnlineStore.Open(folder.Path, service);
        using var writing = new CancellationTokenSource();
        var time = Start.AddDays(1);

        // Every value is 7: a sum that is seen without its count gives another mean.
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            using var reader = store.CreateReader(service);
            var row = new float[2];
            long complete = 0;
            while (!writing.IsCancellationRequested)
            {
                if (reader.Read([EntityKey.Of(1)], time, row) == FeatureReadStatus.Complete && row[0] > 0)
                {
                    Assert.Equal(7f, row[1]);
                    complete++;
                }
            }

            return complete;
        })).ToArray();
        for (var i = 0; i < 300_000; i++)
        {
            store.Push(Readings, time.AddMinutes(-50 + (i / 7_000)), 1L, 7L);
        }

        await writing.CancelAsync();
        Assert.All(await Task.WhenAll(readers), count => Assert.True(count > 0));
        Assert.Equal([300_000f, 7f], Row(store, service, 1, time));
    }

    [Fact]
    public void A_second_opening_of_a_folder_names_the_process_that_has_it()
    {
        using var folder = new TemporaryFolder();
        var service = new FeatureService("s", "1", Hourly(TimeSpan.Zero));
        using var store = OnlineStore.Open(folder.Path, service);
        var error = Assert.Throws<MlpException>(() => OnlineStore.Open(folder.Path, service));
        Assert.Equal(FeatureErrors.StoreInUse, error.Code);
        Assert.Contains(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_definitions_are_refused_with_both_sides()
    {
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.Path, new FeatureService("s", "1", Hourly(TimeSpan.Zero))))
        {
            await store.CheckpointAsync(Start);
        }

        var other = new WindowedView("hourly", Sensor, Readings, TimeSpan.FromMinutes(1), TimeSpan.Zero, Aggregate.Count(TimeSpan.FromHours(2)));
        var error = Assert.Throws<MlpException>(() => OnlineStore.Open(folder.Path, new FeatureService("s", "1", other)));
        Assert.Equal(FeatureErrors.SchemaMismatch, error.Code);
        Assert.Contains("count_1h", error.Message, StringComparison.Ordinal);
        Assert.Contains("count_2h", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"format\":1,\"schema\":\"x\",\"checkpoint\":\"no\",\"completeUntil\":1}")]
    [InlineData("[1,2")]
    public async Task A_damaged_folder_is_refused_with_what_to_do(string manifest)
    {
        using var folder = new TemporaryFolder();
        var service = new FeatureService("s", "1", Hourly(TimeSpan.Zero));
        using (var store = OnlineStore.Open(folder.Path, service))
        {
            await store.CheckpointAsync(Start);
        }

        await File.WriteAllTextAsync(folder.At("store.json"), manifest);
        var error = Assert.Throws<MlpException>(() => OnlineStore.Open(folder.Path, service));
        Assert.Equal(FeatureErrors.StoreDamaged, error.Code);
        Assert.Contains("materialise again", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_that_is_gone_is_a_typed_error()
    {
        using var folder = new TemporaryFolder();
        var service = new FeatureService("s", "1", Hourly(TimeSpan.Zero));
        using (var store = OnlineStore.Open(folder.Path, service))
        {
            store.Push(Readings, Start, 1L, 1L);
            await store.CheckpointAsync(Start.AddMinutes(1));
        }

        Directory.Delete(folder.At("checkpoints"), recursive: true);
        var error = Assert.Throws<MlpException>(() => OnlineStore.Open(folder.Path, service));
        Assert.Equal(FeatureErrors.StoreDamaged, error.Code);
    }

    [Fact]
    public void An_event_that_is_not_what_its_source_declares_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, new FeatureService("s", "1", Hourly(TimeSpan.Zero)));
        Assert.Contains("1 values; expected 2: sensor, value", Assert.Throws<MlpException>(() => store.Push(Readings, Start, 1L)).Message, StringComparison.Ordinal);
        Assert.Contains("'value'; expected int64", Assert.Throws<MlpException>(() => store.Push(Readings, Start, 1L, "five")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_or_keys_of_the_wrong_length_are_refused()
    {
        using var folder = new TemporaryFolder();
        var service = new FeatureService("s", "1", Hourly(TimeSpan.Zero));
        using var store = OnlineStore.Open(folder.Path, service);
        using var reader = store.CreateReader(service);
        var error = Assert.Throws<MlpException>(() => reader.Read([EntityKey.Of(1)], Start, new float[3]));
        Assert.Equal(ErrorCodes.TensorMismatch, error.Code);
        Assert.Throws<MlpException>(() => reader.Read([], Start, new float[2]));
    }

    [Fact]
    public void A_reader_of_a_closed_store_says_so()
    {
        using var folder = new TemporaryFolder();
        var service = new FeatureService("s", "1", Hourly(TimeSpan.Zero));
        var store = OnlineStore.Open(folder.Path, service);
        using var reader = store.CreateReader(service);
        store.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reader.Read([EntityKey.Of(1)], Start, new float[2]));
    }

    [Fact]
    public void Readers_are_bounded()
    {
        using var folder = new TemporaryFolder();
        var service = new FeatureService("s", "1", Hourly(TimeSpan.Zero));
        using var store = OnlineStore.Open(folder.Path, service, new OnlineStoreOptions { ReadersMax = 1 });
        using (store.CreateReader(service))
        {
            Assert.Equal(ErrorCodes.LimitReached, Assert.Throws<MlpException>(() => store.CreateReader(service)).Code);
        }

        using var again = store.CreateReader(service);
    }

    private static float[] Row(OnlineStore store, FeatureService service, long sensor, DateTime time)
    {
        using var reader = store.CreateReader(service);
        var row = new float[service.RowLength];
        reader.Read([EntityKey.Of(sensor)], time, row);
        return row;
    }
}
