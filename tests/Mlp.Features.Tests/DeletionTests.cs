using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>What is deleted stays so, for as long as it is remembered, and leaves the disk.</summary>
public class DeletionTests
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly LatestView People = new("people", new Entity("person", "id"), new EventSource("people", "at", Column.Integer("id"), Column.Text("name"), Column.Float("score")), ["name", "score"], TimeSpan.FromDays(10));
    private static readonly FeatureService Service = new("s", "1", People);
    private static readonly OnlineStoreOptions Small = new() { MemoryBytes = 1 << 16, PageBytes = 1 << 12, SegmentBytes = 1 << 13, IndexBytes = 1 << 10, RowBytesMax = 2048, DeletionsKept = TimeSpan.FromDays(3), ReadsBehindMax = TimeSpan.FromDays(1) };

    [Fact]
    public async Task An_older_row_that_comes_after_a_deletion_stays_deleted_and_a_newer_one_brings_the_entity_back()
    {
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.Path, Service, Small))
        {
            Put(store, 1, 0, "ann");
            store.Delete(People, EntityKey.Of(1), Start.AddDays(1));
            store.Delete(People, EntityKey.Of(2), Start.AddDays(1));
            Put(store, 1, 0.5, "older");
            Put(store, 1, 1, "of the same time");
            Put(store, 2, 0.5, "older");
            Assert.Null(Name(store, 1, 2));
            Assert.Null(Name(store, 2, 2));
            await store.CheckpointAsync(Start.AddDays(1.5));
        }

        using var opened = OnlineStore.Open(folder.Path, Service, Small);
        opened.Load(long.MaxValue - 1, FeatureTime.Micros(Start.AddDays(3)), () =>
        {
            // History from the offline store, which knows nothing of deletions.
            foreach (var (key, day) in new[] { (1, 0.5), (2, 0.9), (3, 0.5), (2, 2.0) })
            {
                var micros = FeatureTime.Micros(Start.AddDays(day));
                opened.LoadRow(opened.Plans.First(), EntityKey.Of(key), micros, micros, StoreModel.Bytes(People.Schema, [$"history {day}", 1.0]));
            }
        });
        Assert.Null(Name(opened, 1, 4));
        Assert.Equal("history 2", Name(opened, 2, 4));
        Assert.Equal("history 0.5", Name(opened, 3, 4));
        opened.PutValues(People, EntityKey.Of(1), Start, ["corrected", 1.0], rule: PutRule.Always);
        Assert.Equal("corrected", Name(opened, 1, 4));
    }

    [Fact]
    public async Task Compaction_forgets_a_deletion_once_it_is_older_than_it_is_kept_and_not_before()
    {
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, Service, Small);
        Put(store, 1, 0, "ann");
        store.Delete(People, EntityKey.Of(1), Start.AddDays(1));
        Put(store, 2, 4, "bob");
        await store.CompactAsync();
        Put(store, 1, 0.5, "older");
        Assert.Null(Name(store, 1, 4.5));

        // The newest event is now more than three days after it.
        Put(store, 2, 4.1, "bob");
        await store.CompactAsync();
        Put(store, 1, 0.5, "older");
        Assert.Equal("older", Name(store, 1, 4.5));
    }

    [Fact]
    public async Task What_was_deleted_is_in_no_file_once_the_log_is_compacted_and_a_checkpoint_has_been_made()
    {
        const string secret = "Ursula Unforgettable";
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, Service, Small with { CompressedFromBytes = int.MaxValue });
        for (var i = 0; i < 3000; i++)
        {
            Put(store, i, 0, i == 1 ? secret : $"somebody else, number {i}");
        }

        await store.CheckpointAsync(Start.AddDays(0.5));
        Assert.Contains(Files(folder), f => Contains(f, secret));
        store.Delete(People, EntityKey.Of(1), Start.AddDays(1));
        await store.CompactAsync();
        await store.CheckpointAsync(Start.AddDays(2));
        Assert.DoesNotContain(Files(folder), f => Contains(f, secret));
        Assert.Equal("somebody else, number 2", Name(store, 2, 2));
        Assert.Equal(2999, store.Scan(People, Start.AddDays(2)).Count());
    }

    [Fact]
    public async Task Compaction_drops_rows_whose_time_to_live_has_passed_for_every_read_that_is_allowed_and_no_others()
    {
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, Service, Small);
        for (var i = 0; i < 400; i++)
        {
            Put(store, i, i % 2, "short lived");
        }

        // Ten days to live and a day behind: what is of day 0 has passed at 11.5, what is of day 1 has not.
        Put(store, 1000, 11.5, "newest");
        await store.CompactAsync();
        Assert.Equal("short lived", Name(store, 1, 10.6));
        Assert.Null(Name(store, 0, 10.6));
        var kept = store.LogBytes;
        Put(store, 1000, 12.5, "newest");
        await store.CompactAsync();
        Assert.True(store.LogBytes < kept / 4, $"{store.LogBytes} of {kept}");
        Assert.Equal("newest", Name(store, 1000, 13));
    }

    private static void Put(OnlineStore store, long key, double day, string name) => store.PutValues(People, EntityKey.Of(key), Start.AddDays(day), [name, 1.0]);

    private static string? Name(OnlineStore store, long key, double day)
    {
        using var reader = store.CreateReader(Service);
        var values = new FeatureValue[2];
        reader.ReadValues(People, EntityKey.Of(key), Start.AddDays(day), values);
        return values[0].Text;
    }

    private static string[] Files(TemporaryFolder folder) => [.. Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) != "lock")];

    private static bool Contains(string path, string text)
    {
        // The store has its files open.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(text)) >= 0;
    }
}
