using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>Records of all kinds of windows over a long time: they are trimmed, grow to what is foretold, and come back after a restart.</summary>
public class WindowRecordTests
{
    private static readonly EventSource Readings = new("readings", "at", Column.Integer("sensor"), Column.Integer("count"), Column.Number("value"));
    private static readonly Entity Sensor = new("sensor", "sensor");
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(true, 5)]
    [InlineData(false, 5)]
    [InlineData(false, 90)]
    public async Task A_busy_entity_reads_right_for_as_long_as_one_likes_in_records_of_the_bytes_foretold(bool retractable, int eventsAnHour)
    {
        var world = new Trades(retractable);
        var largest = new[] { world.All, world.Simple, world.Exact }.Max(v => RecordLengths.LargestOf(ViewPlan.Of(v, 0), 0));
        var page = 1L << 20;
        while (page < largest)
        {
            page *= 2;
        }

        using var folder = new TemporaryFolder();
        var options = new OnlineStoreOptions { PageBytes = page, MemoryBytes = page * 4, SegmentBytes = page, LogBytesMax = page * 64 };
        var random = new Random(eventsAnHour);
        var draws = Enumerable.Range(0, eventsAnHour * 60).Select(i => new Trades.Draw(0, i * 3600 / eventsAnHour, random.Next(-3, 9), random.NextDouble() * 100, random.Next(4), random.Next(200), random.Next(-600, 250))).ToArray();
        var arrivals = world.ArrivalsOf(draws);
        var trades = world.TradesOf(draws);
        var row = new float[world.Windowed.RowLength];
        var next = 0;
        for (var part = 1; part <= 3; part++)
        {
            // What is kept, merged and counted goes through a checkpoint like all else.
            using var store = OnlineStore.Open(folder.Path, world.Windowed, options);
            using var reader = store.CreateReader(world.Windowed);
            for (; next < arrivals.Count * part / 3; next++)
            {
                world.Push(store, arrivals[next]);
                if (next % 97 == 0)
                {
                    var time = arrivals[next].At.AddSeconds(-201);
                    reader.Read([EntityKey.Of("north")], time, row);
                    TradesOracle.Check(world, trades, "north", time, row, $"after {next}");
                }
            }

            Assert.Equal(0, store.TooLateCount);
            await store.CheckpointAsync(Trades.Start.AddDays(90));
        }
    }

    [Fact]
    public void Reading_windows_of_all_kinds_allocates_nothing()
    {
        var world = new Trades(retractable: true);
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, world.Windowed, new OnlineStoreOptions { MemoryBytes = 64 << 20 });
        var random = new Random(1);
        var draws = Enumerable.Range(0, 2000).Select(i => new Trades.Draw(0, i * 10, random.Next(9), random.NextDouble(), random.Next(4), 0, random.Next(-300, 100))).ToArray();
        foreach (var arrival in world.ArrivalsOf(draws))
        {
            world.Push(store, arrival);
        }

        using var reader = store.CreateReader(world.Windowed);
        EntityKey[] keys = [EntityKey.Of("north")];
        var row = new float[world.Windowed.RowLength];
        var time = Trades.Start.AddSeconds(20_100);
        for (var i = 0; i < 200; i++)
        {
            reader.Read(keys, time, row);
        }

        // A collection that another test causes gives this thread's unused room back, which counts as allocated: the quietest round tells.
        var least = long.MaxValue;
        for (var round = 0; round < 10 && least > 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                reader.Read(keys, time, row);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public void Events_together_are_as_one_after_another_and_an_error_leaves_those_before_it()
    {
        var view = new WindowedView("v", Sensor, Readings, TimeSpan.FromMinutes(1), TimeSpan.Zero, Aggregate.Count(TimeSpan.FromHours(1)), Aggregate.Sum("count", TimeSpan.FromHours(1)));
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, null, view);
        store.PushMany(Readings, [Start, Start.AddMinutes(1)], [1L, 5L, 0.5, 1L, 6L, 0.5]);
        Assert.Equal([2f, 11f], Row(store, view));
        Assert.Throws<MlpException>(() => store.PushMany(Readings, [Start.AddMinutes(1), Start.AddMinutes(1), Start.AddMinutes(1)], [1L, 7L, 0.5, 1L, "seven", 0.5, 1L, 7L, 0.5]));
        Assert.Equal([3f, 18f], Row(store, view));
        var error = Assert.Throws<MlpException>(() => store.PushMany(Readings, [Start], [1L, 7L]));
        Assert.Contains("2 values were given for 1 events", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1e17)]
    [InlineData(double.PositiveInfinity)]
    public void A_number_that_does_not_fit_in_steps_is_an_error_of_view_feature_and_key_online_and_offline(double value)
    {
        var view = new WindowedView("v", Sensor, Readings, TimeSpan.FromMinutes(1), TimeSpan.Zero,
            Aggregate.Max("value", TimeSpan.FromHours(1)), Aggregate.Variance("value", TimeSpan.FromHours(1), 0.01));
        var service = new FeatureService("s", "1", view);
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.At("online"), null, view);
        for (var i = 0; i < 2; i++)
        {
            var error = Assert.Throws<MlpException>(() => store.Push(Readings, Start, 7L, 1L, value));
            Assert.Equal(FeatureErrors.SumOverflow, error.Code);
            Assert.Contains("'variance_value_1h' of the view 'v'", error.Message, StringComparison.Ordinal);
            Assert.Contains("sensor '7'", error.Message, StringComparison.Ordinal);
        }

        using var reader = store.CreateReader(service);
        Assert.Equal(FeatureReadStatus.SomeMissing, reader.Read([EntityKey.Of(7)], Start.AddMinutes(1), new float[2]));
        store.Push(Readings, Start, 7L, 1L, 2.5);

        var offline = OfflineStore.Open(folder.At("offline"));
        offline.Append(Readings, "all", OfflineQuery.Sql(FormattableString.Invariant($"SELECT TIMESTAMP '2026-01-01' AS \"at\", 7 AS sensor, 1 AS count, '{(double.IsFinite(value) ? "1e17" : "inf")}'::DOUBLE AS value")));
        var asked = new EntityRows(OfflineQuery.Sql("SELECT 7 AS sensor, TIMESTAMP '2026-01-02' AS moment"), "moment");
        var refused = Assert.Throws<MlpException>(() => offline.Join(service, asked).Count());
        Assert.Equal(FeatureErrors.SumOverflow, refused.Code);
        Assert.Contains("'variance_value_1h' of the view 'v'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("sensor '7'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pushing_and_retracting_allocate_nothing()
    {
        var source = new EventSource("readings", "at", Column.Integer("sensor"), Column.Integer("count"), Column.Number("value"), Column.Integer("retracts")) { RetractsColumn = "retracts" };
        var hour = TimeSpan.FromHours(1);
        var view = new WindowedView("v", Sensor, source, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2),
            Aggregate.Mean("value", hour, 0.01), Aggregate.Max("count", hour), Aggregate.DecayedMean("count", hour, hour), Aggregate.Quantile("value", 0.5, hour), Aggregate.Distinct("count", hour))
        {
            RetractableEventsMax = 100,
        };
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, null, view);
        var pushed = 0L;
        void Push(int times)
        {
            for (var i = 0; i < times; i++, pushed++)
            {
                var at = Start.AddSeconds(pushed * 10);
                store.Push(source, at, 1L, pushed % 7, 0.5, 0L);
                if (pushed % 5 == 0)
                {
                    store.Retract(source, at, at, 1L, pushed % 7, 0.5, 0L);
                }
            }
        }

        Push(2000);
        var least = long.MaxValue;
        for (var round = 0; round < 10 && least > 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Push(500);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        Assert.Equal(0, store.TooLateCount);
    }

    [Fact]
    public void A_variance_far_from_zero_has_no_digit_less()
    {
        var view = new WindowedView("v", Sensor, Readings, TimeSpan.FromMinutes(1), TimeSpan.Zero, Aggregate.Variance("count", TimeSpan.FromHours(1)), Aggregate.StandardDeviation("count", TimeSpan.FromHours(1)));
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, null, view);
        foreach (var offset in (long[])[-1, 1, 1, -1])
        {
            store.Push(Readings, Start, 1L, (1L << 60) + offset, 0.0);
        }

        Assert.Equal([1f, 1f], Row(store, view));
    }

    [Fact]
    public void What_a_definition_lacks_is_said_when_it_is_made()
    {
        WindowedView View(Aggregate aggregate) => new("v", Sensor, Readings, TimeSpan.FromMinutes(1), TimeSpan.Zero, aggregate);
        var hour = TimeSpan.FromHours(1);
        Assert.Contains("need a resolution", Assert.Throws<ArgumentException>(() => View(Aggregate.Mean("value", hour))).Message, StringComparison.Ordinal);
        Assert.Contains("integers have none", Assert.Throws<ArgumentException>(() => View(Aggregate.Sum("count", hour, 0.1))).Message, StringComparison.Ordinal);
        Assert.Contains("half-life", Assert.Throws<ArgumentException>(() => View(Aggregate.DecayedMean("count", TimeSpan.FromSeconds(90), hour))).Message, StringComparison.Ordinal);
        Assert.Contains("half-life", Assert.Throws<ArgumentException>(() => View(Aggregate.DecayedMean("count", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(65)))).Message, StringComparison.Ordinal);
        Assert.Contains("expected an integer of at most 63 bits or a text", Assert.Throws<ArgumentException>(() => View(Aggregate.TopShares("value", 3, hour))).Message, StringComparison.Ordinal);
        Assert.Contains("at most 255", Assert.Throws<ArgumentException>(() => new WindowedView("v", Sensor, Readings, TimeSpan.FromMinutes(1), TimeSpan.Zero,
            [.. Enumerable.Range(1, 256).Select(i => Aggregate.Count(TimeSpan.FromMinutes(i)))])).Message, StringComparison.Ordinal);
        var nullable = new EventSource("n", "at", Column.Integer("sensor"), Column.Integer("count").Nullable());
        Assert.Contains("which is int64, nullable", Assert.Throws<ArgumentException>(() => new WindowedView("v", Sensor, nullable, TimeSpan.FromMinutes(1), TimeSpan.Zero, Aggregate.Max("count", hour))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Aggregate.Quantile("value", 1.5, hour));
        Assert.Throws<ArgumentOutOfRangeException>(() => Aggregate.Distinct("count", hour, 20));
        Assert.Throws<ArgumentOutOfRangeException>(() => Aggregate.TopValues("count", 0, hour));
        Assert.Throws<ArgumentOutOfRangeException>(() => Aggregate.Sum("value", hour, 0));
        Assert.Equal("p99_9_value_1h", Aggregate.Quantile("value", 0.999, hour).Name);
    }

    private static float[] Row(OnlineStore store, WindowedView view)
    {
        using var reader = store.CreateReader(new FeatureService("s", "1", view));
        var row = new float[view.Features.Length];
        reader.Read([EntityKey.Of(1)], Start.AddMinutes(2), row);
        return row;
    }
}
