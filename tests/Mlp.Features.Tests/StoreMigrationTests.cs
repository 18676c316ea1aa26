using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>A folder is opened with columns that have changed since.</summary>
public class StoreMigrationTests
{
    private const int Keys = 600;
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly OnlineStoreOptions Small = new() { MemoryBytes = 1 << 16, PageBytes = 1 << 13, SegmentBytes = 1 << 14, IndexBytes = 1 << 10, RowBytesMax = 4 << 10, CompressedFromBytes = 200 };
    private static readonly LatestView Older = View([Column.Of("count", ColumnKind.Int32), Column.Text("name"), Column.Category("color", "red", "green")]);
    private static readonly LatestView Newer = View([Column.Number("share").Nullable(), Column.Integer("count"), Column.Text("note") with { Default = "none" }, Column.Text("name"), Column.Category("color", "blue", "green", "red")], TimeSpan.FromDays(9));
    private static readonly LatestView Numbers = new("numbers", Older.Entity, new EventSource("numbers", "at", Column.Integer("id"), Column.Float("a")), ["a"]);

    [Fact]
    public async Task Rows_follow_columns_that_were_added_widened_and_moved_and_the_folder_is_the_older_until_a_checkpoint()
    {
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.Path, Small, Older, Numbers))
        {
            for (var i = 0; i < Keys; i++)
            {
                store.PutValues(Older, EntityKey.Of(i), Start, [(long)i, Name(i), i % 2 == 0 ? "red" : "green"]);
                store.Put(Numbers, EntityKey.Of(i), Start, [i]);
            }

            store.Delete(Older, EntityKey.Of(7), Start.AddDays(1));
            await store.CheckpointAsync(Start.AddDays(2));
        }

        for (var round = 0; round < 2; round++)
        {
            // Nothing of the first opening is kept.
            using var store = OnlineStore.Open(folder.Path, Small, Newer, Numbers);
            Check(store);
        }

        using (var store = OnlineStore.Open(folder.Path, Small, Older, Numbers))
        {
            Assert.Equal(Keys - 1, store.Scan(Older, Start.AddDays(2)).Count());
        }

        using (var store = OnlineStore.Open(folder.Path, Small, Newer, Numbers))
        {
            store.PutValues(Newer, EntityKey.Of(7), Start.AddHours(1), [0.5, 1L, "late", "late", "blue"]);
            await store.CheckpointAsync(Start.AddDays(3));
        }

        using (var store = OnlineStore.Open(folder.Path, Small, Newer, Numbers))
        {
            Check(store);
        }

        var error = Assert.Throws<MlpException>(() => OnlineStore.Open(folder.Path, Small, Older, Numbers));
        Assert.Equal(FeatureErrors.SchemaMismatch, error.Code);
        Assert.Contains("- share: double? (older rows would lose it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_of_which_the_log_has_several_versions_follows_once()
    {
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.Path, Small, Older, Numbers))
        {
            for (var version = 1; version <= 5; version++)
            {
                for (var i = 0; i < 20; i++)
                {
                    // Longer each time, so that it needs a place of its own.
                    store.PutValues(Older, EntityKey.Of(i), Start.AddMinutes(version), [(long)(version * i), new string('x', 10 * version), "green"]);
                }
            }

            await store.CheckpointAsync(Start.AddDays(2));
        }

        using var opened = OnlineStore.Open(folder.Path, Small, Newer, Numbers);
        using var reader = opened.CreateReader(new FeatureService("s", "1", Newer));
        var values = new FeatureValue[5];
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(FeatureReadStatus.Complete, reader.ReadValues(Newer, EntityKey.Of(i), Start.AddDays(2), values));
            FeatureValue[] expected = [FeatureValue.Missing, 5L * i, "none", new string('x', 50), "green"];
            Assert.Equal(StoreModel.Bytes(Newer.Schema, expected), StoreModel.Bytes(Newer.Schema, values));
        }
    }

    [Fact]
    public async Task Columns_that_rows_cannot_follow_are_refused_with_what_became_of_each()
    {
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.Path, Small, Older))
        {
            await store.CheckpointAsync(Start.AddDays(2));
        }

        foreach (var (columns, reason) in new (Column[], string)[]
        {
            ([Column.Of("count", ColumnKind.Int32), Column.Text("name"), Column.Category("color", "red", "green"), Column.Integer("added")], "+ added: int64"),
            ([Column.Text("count"), Column.Text("name"), Column.Category("color", "red", "green")], "~ count: int32 -> count: text"),
            ([Column.Of("count", ColumnKind.Int32), Column.Text("name"), Column.Category("color", "red")], "older rows may have the category 'green'"),
        })
        {
            var error = Assert.Throws<MlpException>(() => OnlineStore.Open(folder.Path, Small, View(columns)));
            Assert.Equal(FeatureErrors.SchemaMismatch, error.Code);
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_window_over_a_column_of_another_type_is_another_view()
    {
        WindowedView integers = Extremes(Column.Integer("value")), numbers = Extremes(Column.Number("value"));
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.Path, Small, integers))
        {
            store.Push(integers.Source, Start, 1L, 5L);
            await store.CheckpointAsync();
        }

        // It would take the bits of an integer for a number.
        Assert.Equal(FeatureErrors.SchemaMismatch, Assert.Throws<MlpException>(() => OnlineStore.Open(folder.Path, Small, numbers)).Code);
        Assert.NotEqual(new FeatureService("s", "1", integers).Digest, new FeatureService("s", "1", numbers).Digest);
    }

    private static WindowedView Extremes(Column column) =>
        new("extremes", new Entity("thing", "id"), new EventSource("facts", "at", Column.Integer("id"), column), TimeSpan.FromHours(1), TimeSpan.Zero, Aggregate.Min("value", TimeSpan.FromHours(24)));

    private static string Name(int i) => new((char)('a' + (i % 26)), (i * 31) % 700);

    private static LatestView View(Column[] columns, TimeSpan? timeToLive = null) =>
        new("facts", new Entity("thing", "id"), new EventSource("facts", "at", [Column.Integer("id"), .. columns]), [.. columns.Select(c => c.Name)], timeToLive);

    private static void Check(OnlineStore store)
    {
        var service = new FeatureService("s", "1", Newer, Numbers);
        using var reader = store.CreateReader(service);
        var (values, number) = (new FeatureValue[5], new FeatureValue[1]);
        for (var i = 0; i < Keys; i++)
        {
            Assert.Equal(i == 7 ? FeatureReadStatus.SomeMissing : FeatureReadStatus.Complete, reader.ReadValues(Newer, EntityKey.Of(i), Start.AddDays(2), values));
            if (i != 7)
            {
                FeatureValue[] expected = [FeatureValue.Missing, (long)i, "none", Name(i), i % 2 == 0 ? "red" : "green"];
                Assert.Equal(StoreModel.Bytes(Newer.Schema, expected), StoreModel.Bytes(Newer.Schema, values));
            }

            Assert.Equal(FeatureReadStatus.Complete, reader.ReadValues(Numbers, EntityKey.Of(i), Start.AddDays(2), number));
            Assert.Equal(i, number[0].Number);
        }
    }
}
