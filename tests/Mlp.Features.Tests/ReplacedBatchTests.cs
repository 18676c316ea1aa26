using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

public class ReplacedBatchTests
{
    private const string FolderVariable = "MLP_TEST_REPLACED_FOLDER";
    private const int Replacements = 20;

    [Fact]
    public async Task Readers_see_one_whole_state_while_batches_are_replaced()
    {
        using var folder = new TemporaryFolder();
        Replace(OfflineStore.Open(folder.Path), 0);
        var writer = Task.Run(() => ReplaceAll(folder.Path));
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() => ReadUntil(folder.Path, writer))).ToArray();
        await writer;
        Assert.All(await Task.WhenAll(readers), reads => Assert.True(reads > 0));
        OnlyListedFilesAreLeft(folder.Path);
    }

    [Fact]
    public async Task Readers_see_one_whole_state_while_another_process_replaces_batches()
    {
        using var folder = new TemporaryFolder();
        Replace(OfflineStore.Open(folder.Path), 0);
        var writer = OtherProcess.RunAsync(typeof(ReplacedBatchTests), nameof(A_writer_for_the_readers_of_another_process), (FolderVariable, folder.Path));
        Assert.True(await Task.Run(() => ReadUntil(folder.Path, writer)) > 0);
        OtherProcess.HasPassed(await writer);
        OnlyListedFilesAreLeft(folder.Path);
    }

    [Fact(Explicit = true)]
    public void A_writer_for_the_readers_of_another_process() =>
        ReplaceAll(Environment.GetEnvironmentVariable(FolderVariable) ?? throw new InvalidOperationException($"{FolderVariable} names no folder."));

    [Fact]
    public void A_replaced_file_stays_while_it_is_read_and_goes_with_the_next_append()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.Path, new OfflineStoreOptions { BatchRows = 1 });
        Replace(offline, 1);
        using (var reading = offline.Replay(Departures.Source, DateTime.UnixEpoch, DateTime.MaxValue).GetEnumerator())
        {
            Assert.True(reading.MoveNext());
            Replace(offline, 2);
            Assert.Equal(4, Files(folder.Path).Length);
            _ = OfflineStore.Open(folder.Path);
            Assert.Equal(4, Files(folder.Path).Length);
            Assert.Equal(1, reading.Current.Integers("delay")[0]);
        }

        Replace(offline, 3);
        OnlyListedFilesAreLeft(folder.Path);
    }

    [Fact]
    public void A_replaced_file_that_was_read_goes_when_the_store_is_opened_again()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.Path, new OfflineStoreOptions { BatchRows = 1 });
        Replace(offline, 1);
        using (var reading = offline.Replay(Departures.Source, DateTime.UnixEpoch, DateTime.MaxValue).GetEnumerator())
        {
            Assert.True(reading.MoveNext());
            Replace(offline, 2);
        }

        // Only what a store named itself is a store's to remove.
        var foreign = Path.Combine(folder.At("departures"), "notes.parquet");
        File.WriteAllText(foreign, "mine");
        Assert.Equal(5, Files(folder.Path).Length);
        _ = OfflineStore.Open(folder.Path);
        Assert.True(File.Exists(foreign));
        File.Delete(foreign);
        OnlyListedFilesAreLeft(folder.Path);
    }

    [Fact]
    public void A_file_that_is_listed_and_missing_is_damage_and_says_which()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.Path);
        Replace(offline, 1);
        var file = Files(folder.Path)[0];
        File.Delete(file);
        var error = Assert.Throws<MlpException>(() => Delays(offline));
        Assert.Equal(FeatureErrors.StoreDamaged, error.Code);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);

        // Appending the batches again mends it.
        Replace(offline, 1);
        Assert.Equal([1, 1], Delays(offline));
    }

    private static void ReplaceAll(string folder)
    {
        var store = OfflineStore.Open(folder);
        for (var state = 1; state <= Replacements; state++)
        {
            // Back and forth, so that the same content comes again while its former file is still read.
            Replace(store, state % 2);
        }
    }

    // Each batch is a file: a reader meets them in turn.
    private static void Replace(OfflineStore store, int state)
    {
        foreach (var batch in (string[])["first", "second"])
        {
            store.Append(Departures.Source, batch, OfflineQuery.Sql($"SELECT TIMESTAMP '2001-01-01' + to_seconds({(batch == "first" ? 0 : 1)}) AS known_at, '{batch}' AS origin, 'BOS' AS destination, {state} AS delay, 0.5 AS load"));
        }
    }

    private static int ReadUntil(string folder, Task writer)
    {
        var reads = 0;
        while (!writer.IsCompleted || reads == 0)
        {
            var store = OfflineStore.Open(folder);
            Assert.Equal(2, Delays(store).Length);
            var joined = Assert.Single(store.Join(Departures.Service, new EntityRows(OfflineQuery.Sql("SELECT 'first' AS origin, 'BOS' AS destination, TIMESTAMP '2001-01-01 00:30:00' AS moment"), "moment")));
            Assert.Equal(1, joined.Rows[0]);
            reads++;
        }

        return reads;
    }

    private static long[] Delays(OfflineStore store) =>
        [.. store.Replay(Departures.Source, DateTime.UnixEpoch, DateTime.MaxValue).SelectMany(batch => batch.Integers("delay").ToArray())];

    private static string[] Files(string folder) => Directory.GetFiles(Path.Combine(folder, "departures"), "*.parquet", SearchOption.AllDirectories);

    private static void OnlyListedFilesAreLeft(string folder)
    {
        _ = OfflineStore.Open(folder);
        Assert.Equal(2, Files(folder).Length);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(folder, "spill")));
    }
}
