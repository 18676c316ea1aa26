using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>A process was killed, and the folder is opened with definitions that have changed since its journal was written.</summary>
public class JournaledMigrationTests
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly Entity Thing = new("thing", "id");
    private static readonly Definitions Older = new(
        [Column.Integer("id"), Column.Of("count", ColumnKind.Int32), Column.Integer("units"), Column.Text("name").Nullable(), Column.Category("color", "red", "green")],
        ["count", "name", "color"]);

    // Columns in another order, one more and one wider; more categories.
    private static readonly Definitions Newer = new(
        [Column.Number("share").Nullable(), Column.Integer("units"), Column.Category("color", "blue", "green", "red"), Column.Integer("count"), Column.Integer("id"), Column.Text("name").Nullable(), Column.Text("note") with { Default = "none" }],
        ["share", "count", "note", "name", "color"]);

    private static readonly OnlineStoreOptions Small = new()
    {
        MemoryBytes = 1 << 16, PageBytes = 1 << 13, SegmentBytes = 1 << 14, IndexBytes = 1 << 12, LogBytesMax = 1 << 20, RowBytesMax = 1 << 11,
        Durability = StoreDurability.Journal, JournalPageBytes = 1 << 12, JournalBytesMax = 1 << 18,
    };

    [Theory]
    [InlineData(false, StoreDurability.Journal)]
    [InlineData(true, StoreDurability.Journal)]
    [InlineData(true, StoreDurability.Checkpoints)]
    public async Task Nothing_that_was_acknowledged_is_lost_when_the_columns_have_changed_compatibly(bool checkpoint, StoreDurability then)
    {
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.At("alive"), Small, Older.Facts, Older.Units))
        {
            for (var i = 0; i < 100; i++)
            {
                Write(store, i);
                if (checkpoint && i == 50)
                {
                    await store.CheckpointAsync();
                }
            }

            await store.CommitAsync();
            FolderCopy.Of(folder.At("alive"), folder.At("killed"));
        }

        for (var round = 0; round < 2; round++)
        {
            using var store = OnlineStore.Open(folder.At("killed"), Small with { Durability = then }, Newer.Facts, Newer.Units);
            Check(store);
        }

        // Who goes back to the older finds all of it, as long as no checkpoint was made with the newer.
        using (var store = OnlineStore.Open(folder.At("killed"), Small, Older.Facts, Older.Units))
        {
            Assert.Equal(9, store.Scan(Older.Facts, Start.AddDays(2)).Count());
        }

        using (var store = OnlineStore.Open(folder.At("killed"), Small, Newer.Facts, Newer.Units))
        {
            Check(store);
            store.PutValues(Newer.Facts, EntityKey.Of(9), Start.AddHours(1), [0.5, 1L, "late", "late", "blue"]);
            await store.CommitAsync();
            FolderCopy.Of(folder.At("killed"), folder.At("again"));
        }

        using var again = OnlineStore.Open(folder.At("again"), Small, Newer.Facts, Newer.Units);
        Check(again);
        Assert.Equal(10, again.Scan(Newer.Facts, Start.AddDays(2)).Count());
    }

    [Fact]
    public async Task Columns_that_rows_cannot_follow_are_refused_with_the_difference_and_the_folder_stays_as_it_is()
    {
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.At("alive"), Small, Older.Facts, Older.Units))
        {
            Write(store, 1);
            await store.CommitAsync();
            FolderCopy.Of(folder.At("alive"), folder.At("killed"));
        }

        var before = Files(folder.At("killed"));
        var narrower = new Definitions([Column.Integer("id"), Column.Of("count", ColumnKind.Int16), Column.Integer("units"), Column.Text("name").Nullable(), Column.Category("color", "red", "green")], ["count", "name", "color"]);
        var error = Assert.Throws<MlpException>(() => OnlineStore.Open(folder.At("killed"), Small, narrower.Facts, narrower.Units));
        Assert.Equal(FeatureErrors.SchemaMismatch, error.Code);
        Assert.Contains("~ count: int32 -> count: int16", error.Message, StringComparison.Ordinal);
        Assert.Contains(folder.At("killed"), error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Files(folder.At("killed")));
        using var whole = OnlineStore.Open(folder.At("killed"), Small, Older.Facts, Older.Units);
        Assert.Single(whole.Scan(Older.Facts, Start.AddDays(2)));
    }

    [Fact]
    public async Task Events_are_repeated_by_the_names_of_their_columns()
    {
        EventSource source = new("readings", "at", Column.Integer("sensor"), Column.Integer("value")), turned = new("readings", "at", Column.Integer("value"), Column.Integer("sensor"));
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.At("alive"), Small, SumOf(source)))
        {
            store.Push(source, Start, 1L, 50L);
            await store.CommitAsync();
            FolderCopy.Of(folder.At("alive"), folder.At("killed"));
        }

        var view = SumOf(turned);
        using var opened = OnlineStore.Open(folder.At("killed"), Small, view);
        Assert.Equal(50, Read(opened, view, 1));
        opened.Push(turned, Start, 7L, 1L);
        Assert.Equal(57, Read(opened, view, 1));
    }

    private static WindowedView SumOf(EventSource source) => new("sums", new Entity("sensor", "sensor"), source, TimeSpan.FromHours(1), TimeSpan.Zero, Aggregate.Sum("value", TimeSpan.FromDays(2)));

    private static float Read(OnlineStore store, WindowedView view, long entity)
    {
        using var reader = store.CreateReader(new FeatureService("s", "1", view));
        var row = new float[1];
        reader.Read([EntityKey.Of(entity)], Start.AddDays(1), row);
        return row[0];
    }

    private static string Color(int i) => i % 2 == 0 ? "red" : "green";

    // By each of the ways in which the journal has them.
    private static void Write(OnlineStore store, int i)
    {
        var at = Start.AddSeconds(i);
        FeatureValue name = i % 3 == 0 ? FeatureValue.Missing : $"name {i}";
        store.Push(Older.Source, at, i % 10L, (long)i, 3L, name, Color(i));
        store.PutValues(Older.Facts, EntityKey.Of(i % 10), at.AddMilliseconds(1), [i + 1L, name, Color(i)]);
        store.Delete(Older.Facts, EntityKey.Of(9), at.AddMinutes(1));
    }

    private static void Check(OnlineStore store)
    {
        using var reader = store.CreateReader(new FeatureService("s", "1", Newer.Facts));
        var values = new FeatureValue[5];
        for (var entity = 0; entity < 9; entity++)
        {
            var i = 90 + entity;
            Assert.Equal(FeatureReadStatus.Complete, reader.ReadValues(Newer.Facts, EntityKey.Of(entity), Start.AddDays(1), values));
            FeatureValue[] expected = [FeatureValue.Missing, i + 1L, "none", i % 3 == 0 ? FeatureValue.Missing : $"name {i}", Color(i)];
            Assert.Equal(string.Join(" ", expected), string.Join(" ", values));
            Assert.Equal(StoreModel.Bytes(Newer.Facts.Schema, expected), StoreModel.Bytes(Newer.Facts.Schema, values));
        }

        for (var entity = 0; entity < 10; entity++)
        {
            Assert.Equal(30, Read(store, Newer.Units, entity));
        }
    }

    private static List<string> Files(string folder) => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(f => Path.GetFileName(f) is not ("lock" or "owner.txt")).Order(StringComparer.Ordinal)
        .Select(f => $"{f} {ContentDigest.Of(File.ReadAllBytes(f))}")];

    private sealed class Definitions(Column[] columns, string[] features)
    {
        public EventSource Source { get; } = new("facts", "at", columns);

        public LatestView Facts => field ??= new LatestView("facts", Thing, Source, features);

        public WindowedView Units => field ??= new WindowedView("units", Thing, Source, TimeSpan.FromHours(1), TimeSpan.Zero, Aggregate.Sum("units", TimeSpan.FromDays(2)));
    }
}
