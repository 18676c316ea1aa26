using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>A folder is opened with views that it did not have.</summary>
public class AddedViewTests
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly EventSource Readings = new("readings", "at", Column.Integer("sensor"), Column.Integer("value"));
    private static readonly EventSource Others = new("others", "at", Column.Integer("sensor"), Column.Integer("value"));
    private static readonly Entity Sensor = new("sensor", "sensor");
    private static readonly WindowedView Sums = Window("sums", Readings, Aggregate.Sum("value", TimeSpan.FromDays(2)));
    private static readonly WindowedView Largest = Window("largest", Readings, Aggregate.Max("value", TimeSpan.FromDays(2)));
    private static readonly WindowedView Middle = Window("middle", Others, Aggregate.Quantile("value", 0.5, TimeSpan.FromDays(2)));
    private static readonly LatestView Latest = new("latest", Sensor, Readings, ["value"]);
    private static readonly LatestView Other = new("other", Sensor, Others, ["value"]);
    private static readonly FeatureService All = new("all", "1", Sums, Largest, Middle, Latest, Other);
    private static readonly OnlineStoreOptions Small = new() { MemoryBytes = 1 << 22, PageBytes = 1 << 20, SegmentBytes = 1 << 21, IndexBytes = 1 << 12, LogBytesMax = 1 << 26, JournalPageBytes = 1 << 13, JournalBytesMax = 1 << 20 };

    [Theory]
    [InlineData(StoreDurability.Checkpoints)]
    [InlineData(StoreDurability.Journal)]
    public async Task Views_that_are_added_in_any_place_begin_empty_and_leave_the_others_as_they_are(StoreDurability durability)
    {
        var options = Small with { Durability = durability };
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.At("a"), options, Sums, Latest))
        {
            Push(store, 0, 30);
            await (durability == StoreDurability.Journal ? store.CommitAsync() : store.CheckpointAsync());
            FolderCopy.Of(folder.At("a"), folder.At("b"));
        }

        using (var store = OnlineStore.Open(folder.At("b"), options, Largest, Latest, Other, Sums))
        {
            Assert.Equal([435f, 29f], Read(store, Sums, Latest));
            Assert.Equal([float.NaN, float.NaN], Read(store, Largest, Other));
            Push(store, 30, 5);
            store.Put(Other, EntityKey.Of(1), Start, [7]);
            await (durability == StoreDurability.Journal ? store.CommitAsync() : store.CheckpointAsync());
            FolderCopy.Of(folder.At("b"), folder.At("c"));
        }

        // In yet another order, what was added stays what it is.
        using var again = OnlineStore.Open(folder.At("c"), options, Sums, Other, Middle, Largest, Latest);
        Assert.Equal([595f, 34f, 34f, 7f], Read(again, Sums, Largest, Latest, Other));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_next_materialisation_brings_a_view_that_was_added_its_whole_history(bool further)
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.At("offline"));
        foreach (var source in (EventSource[])[Readings, Others])
        {
            offline.Append(source, "all", OfflineQuery.Sql("SELECT TIMESTAMP '2026-01-01' + to_minutes(i) AS \"at\", (i % 3)::BIGINT AS sensor, (i * 7 % 101)::BIGINT AS \"value\" FROM range(600) AS t(i)"));
        }

        DateTime first = Start.AddHours(5), until = further ? Start.AddHours(9) : first;
        using (var store = OnlineStore.Open(folder.At("grown"), Small, Sums, Latest))
        {
            await Materializer.RunAsync(offline, store, first);
        }

        using (var store = OnlineStore.Open(folder.At("grown"), All, Small))
        {
            // Says nothing of completeness, and so nothing of the history.
            await store.CheckpointAsync();
        }

        using (var store = OnlineStore.Open(folder.At("grown"), All, Small))
        {
            Assert.True(await Materializer.RunAsync(offline, store, until) > 0);
            Assert.Equal(until, store.CompleteUntil);
            Assert.Equal(0, await Materializer.RunAsync(offline, store, until));
        }

        using var grown = OnlineStore.Open(folder.At("grown"), All, Small);
        using var whole = OnlineStore.Open(folder.At("whole"), All, Small);
        await Materializer.RunAsync(offline, whole, until);
        Assert.Equal(Read(whole, [.. All.Views.ToArray().Cast<EntityView>()]), Read(grown, [.. All.Views.ToArray().Cast<EntityView>()]));
        await Materializer.RunAsync(offline, grown, Start.AddHours(10));
        await Materializer.RunAsync(offline, whole, Start.AddHours(10));
        Assert.Equal(Read(whole, [.. All.Views.ToArray().Cast<EntityView>()]), Read(grown, [.. All.Views.ToArray().Cast<EntityView>()]));
    }

    [Fact]
    public async Task History_behind_events_that_a_view_was_pushed_is_refused()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.At("offline"));
        offline.Append(Readings, "all", OfflineQuery.Sql("SELECT TIMESTAMP '2026-01-01' + to_minutes(i) AS \"at\", 1::BIGINT AS sensor, i::BIGINT AS \"value\" FROM range(600) AS t(i)"));
        using (var store = OnlineStore.Open(folder.At("online"), Small, Sums))
        {
            await Materializer.RunAsync(offline, store, Start.AddHours(5));
        }

        using (var store = OnlineStore.Open(folder.At("online"), Small, Sums, Largest))
        {
            store.Push(Readings, Start.AddHours(5), 1L, 1L);
            await store.CheckpointAsync(Start.AddHours(6));
        }

        using var opened = OnlineStore.Open(folder.At("online"), Small, Sums, Largest);
        var error = await Assert.ThrowsAsync<MlpException>(() => Materializer.RunAsync(offline, opened, Start.AddHours(7)));
        Assert.Equal(FeatureErrors.CountedTwice, error.Code);
        Assert.Contains("'largest'", error.Message, StringComparison.Ordinal);

        // It has changed nothing.
        opened.Push(Readings, Start.AddHours(6), 1L, 1L);
    }

    [Fact]
    public async Task A_folder_keeps_its_views()
    {
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.Path, Small, Sums, Latest))
        {
            Push(store, 0, 3);
            await store.CheckpointAsync();
        }

        var error = Assert.Throws<MlpException>(() => OnlineStore.Open(folder.Path, Small, Latest, Other));
        Assert.Equal(FeatureErrors.SchemaMismatch, error.Code);
        Assert.Contains("- sums: the view is there and not here", error.Message, StringComparison.Ordinal);
        using var whole = OnlineStore.Open(folder.Path, Small, Latest, Sums);
        Assert.Equal([3f, 2f], Read(whole, Sums, Latest));
    }

    private static WindowedView Window(string name, EventSource source, Aggregate aggregate) => new(name, Sensor, source, TimeSpan.FromMinutes(10), TimeSpan.Zero, aggregate) { SketchItemsMax = 1024 };

    private static void Push(OnlineStore store, int from, int count)
    {
        for (var i = from; i < from + count; i++)
        {
            store.Push(Readings, Start.AddSeconds(i), 1L, (long)i);
        }
    }

    private static float[] Read(OnlineStore store, params EntityView[] views)
    {
        var service = new FeatureService("s", "1", views);
        using var reader = store.CreateReader(service);
        var row = new float[service.RowLength];
        reader.Read([EntityKey.Of(1)], Start.AddDays(1), row);
        return row;
    }
}
