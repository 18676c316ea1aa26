using CsCheck;
using Mlp.Core;

namespace Mlp.Features.Tests;

/// <summary>Records and sums that do not fit, and what a change that fails half-way leaves.</summary>
public class StoreLimitTests
{
    private static readonly EventSource Readings = new("readings", "at", Column.Integer("sensor"), Column.Integer("site"), Column.Integer("value"));
    private static readonly Entity Sensor = new("sensor", "sensor");
    private static readonly Entity Site = new("site", "site");
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void A_record_that_would_outgrow_a_page_is_refused_at_the_opening_by_name()
    {
        using var folder = new TemporaryFolder();
        var view = new WindowedView("ninety_days", Sensor, Readings, TimeSpan.FromMinutes(1), TimeSpan.Zero, Aggregate.Mean("value", TimeSpan.FromDays(90)));
        var error = Assert.Throws<MlpException>(() => OnlineStore.Open(folder.Path, new OnlineStoreOptions { PageBytes = 1 << 20 }, view));
        Assert.Equal(FeatureErrors.RecordTooLarge, error.Code);
        Assert.Contains("'ninety_days'", error.Message, StringComparison.Ordinal);
        Assert.Contains("a page has 1048576", error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(OnlineStoreOptions.PageBytes), error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(10, 3)]
    [InlineData(60, 0)]
    [InlineData(121, 60)]
    [InlineData(600, 17)]
    public void A_record_grows_to_the_bytes_that_are_foretold_and_no_further(int windowTiles, int lateTiles)
    {
        var view = new WindowedView("v", Sensor, Readings, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(lateTiles), Aggregate.Sum("value", TimeSpan.FromMinutes(windowTiles)));
        var page = 1L << 12;
        while (page < RecordLengths.LargestOf(ViewPlan.Of(view, 0), 0))
        {
            page *= 2;
        }

        // In a page of no more than that, events of every tile, some of them late, are taken for as long as one likes.
        using var folder = new TemporaryFolder();
        var options = new OnlineStoreOptions { PageBytes = page, MemoryBytes = Math.Max(1 << 16, page * 4), SegmentBytes = Math.Max(1 << 16, page) };
        using var store = OnlineStore.Open(folder.Path, options, view);
        var service = new FeatureService("s", "1", view);
        using var reader = store.CreateReader(service);
        var random = new Random(windowTiles);
        var events = new List<int>();
        var row = new float[1];
        for (var minute = 0; minute < windowTiles * 5; minute++)
        {
            events.Add(minute);
            store.Push(Readings, Start.AddMinutes(minute), 1L, 1L, 1L);
            var late = Math.Max(0, minute - random.Next(lateTiles + 1));
            events.Add(late);
            store.Push(Readings, Start.AddMinutes(late), 1L, 1L, 1L);
            Assert.Equal(FeatureReadStatus.Complete, reader.Read([EntityKey.Of(1)], Start.AddMinutes(minute + 1), row));
            Assert.Equal(events.Count(e => e > minute - windowTiles), row[0]);
        }
    }

    [Fact]
    public void The_capacity_that_is_foretold_is_one_at_which_trimming_always_frees_a_quarter() =>
        Gen.Long[0, 1L << 40].Sample(retention =>
        {
            var capacity = TileLog.CapacityMax(retention);
            Assert.True(capacity - Math.Min(retention, capacity) >= Math.Max(1, capacity / 4));
            Assert.True(capacity <= Math.Max(4, (retention * 4 / 3) + 2));
        });

    [Fact]
    public void A_sum_that_would_not_fit_is_an_error_that_names_view_feature_and_key_and_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        var view = new WindowedView("totals", Sensor, Readings, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1), Aggregate.Count(TimeSpan.FromHours(1)), Aggregate.Sum("value", TimeSpan.FromHours(1)));
        var service = new FeatureService("s", "1", view);
        using var store = OnlineStore.Open(folder.Path, service);
        store.Push(Readings, Start.AddMinutes(5), 7L, 1L, long.MaxValue - 10);
        foreach (var minute in new[] { 5, 6, 2 })
        {
            // In the tile itself, in a new one behind it, and in one before it, whose sum it would be part of.
            var error = Assert.Throws<MlpException>(() => store.Push(Readings, Start.AddMinutes(minute), 7L, 1L, 11L));
            Assert.Equal(FeatureErrors.SumOverflow, error.Code);
            Assert.Contains("'totals'", error.Message, StringComparison.Ordinal);
            Assert.Contains("'sum_value_1h'", error.Message, StringComparison.Ordinal);
            Assert.Contains("sensor '7'", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal([1f, long.MaxValue - 10], Row(store, service, 7));
        store.Push(Readings, Start.AddMinutes(6), 7L, 1L, 10L);
        Assert.Equal([2f, long.MaxValue], Row(store, service, 7));
        store.Push(Readings, Start.AddMinutes(7), 8L, 1L, long.MinValue);
        Assert.Throws<MlpException>(() => store.Push(Readings, Start.AddMinutes(8), 8L, 1L, -1L));
        Assert.Equal([1f, long.MinValue], Row(store, service, 8));
    }

    [Fact]
    public async Task An_event_that_is_half_applied_shuts_the_store_until_it_is_opened_at_its_last_checkpoint()
    {
        using var folder = new TemporaryFolder();
        var bySensor = new WindowedView("by_sensor", Sensor, Readings, TimeSpan.FromMinutes(1), TimeSpan.Zero, Aggregate.Sum("value", TimeSpan.FromHours(1)));
        var bySite = new WindowedView("by_site", Site, Readings, TimeSpan.FromMinutes(1), TimeSpan.Zero, Aggregate.Sum("value", TimeSpan.FromHours(1)));
        var service = new FeatureService("s", "1", bySensor, bySite);
        EntityKey[] keys = [EntityKey.Of(2), EntityKey.Of(1)];
        var row = new float[2];
        using (var store = OnlineStore.Open(folder.Path, service))
        {
            store.Push(Readings, Start, 1L, 1L, long.MaxValue);
            await store.CheckpointAsync(Start.AddMinutes(1));
            using var reader = store.CreateReader(service);

            // A new sensor takes the value; its site cannot.
            var error = Assert.Throws<MlpException>(() => store.Push(Readings, Start.AddMinutes(2), 2L, 1L, 5L));
            Assert.Equal(FeatureErrors.SumOverflow, error.Code);
            Assert.Contains("'by_site'", error.Message, StringComparison.Ordinal);
            await AllIsRefusedAsync(store, service, reader);
        }

        using var opened = OnlineStore.Open(folder.Path, service);
        using var again = opened.CreateReader(service);
        Assert.Equal(FeatureReadStatus.SomeMissing, again.Read(keys, Start.AddMinutes(10), row));
        Assert.Equal([0f, long.MaxValue], row);
    }

    [Fact]
    public async Task A_load_that_fails_half_way_shuts_the_store()
    {
        using var folder = new TemporaryFolder();
        var view = new LatestView("latest", Sensor, Readings, ["value"]);
        var service = new FeatureService("s", "1", view);
        using var store = OnlineStore.Open(folder.Path, service);
        using var reader = store.CreateReader(service);
        Assert.Throws<TimeoutException>(() => store.Load(0, 1, () => throw new TimeoutException("the source")));
        await AllIsRefusedAsync(store, service, reader);
    }

    [Fact]
    public void A_key_tells_what_it_was_made_of()
    {
        Assert.Equal("-5", EntityKey.Of(-5).ToString());
        Assert.Equal("SEA", EntityKey.Of("SEA").ToString());
        Assert.Equal("SEA, BOS", EntityKey.Of("SEA", "BOS").ToString());
        Assert.Equal("", EntityKey.Of("").ToString());
        Assert.Matches("^sha256:[0-9a-f]{16}$", EntityKey.Of(new string('x', 60)).ToString());
    }

    private static async Task AllIsRefusedAsync(OnlineStore store, FeatureService service, FeatureReader reader)
    {
        Assert.Equal(FeatureErrors.StoreFaulted, Assert.Throws<MlpException>(() => store.Push(Readings, Start.AddMinutes(3), 3L, 3L, 1L)).Code);
        Assert.Equal(FeatureErrors.StoreFaulted, Assert.Throws<MlpException>(() => store.CreateReader(service)).Code);
        Assert.Equal(FeatureErrors.StoreFaulted, Assert.Throws<MlpException>(() => reader.Read(new EntityKey[service.Entities.Length], Start.AddMinutes(3), new float[service.RowLength])).Code);
        Assert.Equal(FeatureErrors.StoreFaulted, (await Assert.ThrowsAsync<MlpException>(() => store.CheckpointAsync(Start.AddMinutes(4)))).Code);
    }

    private static float[] Row(OnlineStore store, FeatureService service, long sensor)
    {
        using var reader = store.CreateReader(service);
        var row = new float[service.RowLength];
        reader.Read([EntityKey.Of(sensor)], Start.AddMinutes(20), row);
        return row;
    }
}
