using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

public class LeftoverTests
{
    [Fact]
    public void What_a_killed_process_left_is_removed_at_opening_and_what_others_left_is_not()
    {
        using var folder = new TemporaryFolder();
        var killed = Guid.NewGuid().ToString("N");
        var spill = Directory.CreateDirectory(folder.At("spill")).FullName;
        Directory.CreateDirectory(Path.Combine(spill, killed));
        File.WriteAllText(Path.Combine(spill, killed, "duckdb_temp_storage_DEFAULT-0.tmp"), "spilled");
        File.WriteAllText(Path.Combine(spill, $"{killed}.lock"), "");
        File.WriteAllText(Path.Combine(spill, $"{Guid.NewGuid():N}.lock"), "");
        Directory.CreateDirectory(Path.Combine(spill, Guid.NewGuid().ToString("N")));
        Directory.CreateDirectory(Path.Combine(spill, "mine"));
        File.WriteAllText(Path.Combine(spill, "mine", "notes.tmp"), "mine");
        File.WriteAllText(Path.Combine(spill, "notes.lock"), "mine");
        _ = OfflineStore.Open(folder.Path);
        Assert.Equal(["mine", "notes.lock"], Directory.EnumerateFileSystemEntries(spill).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.True(File.Exists(Path.Combine(spill, "mine", "notes.tmp")));
    }

    [Fact]
    public void What_a_query_under_way_spills_is_left_alone_at_opening()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.Path, new OfflineStoreOptions { BatchRows = 1 });
        offline.Append(Departures.Source, "all", Departures.EventQuery(Departures.Events(1, 10)));
        using (var reading = offline.Replay(Departures.Source, DateTime.UnixEpoch, DateTime.MaxValue).GetEnumerator())
        {
            Assert.True(reading.MoveNext());
            var spilled = Assert.Single(Directory.EnumerateDirectories(folder.At("spill")));
            _ = OfflineStore.Open(folder.Path);
            Assert.True(Directory.Exists(spilled));
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.At("spill")));
    }

    [Fact]
    public void A_batch_that_a_killed_append_left_is_removed_at_opening()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.Path);
        offline.Append(Departures.Source, "all", Departures.EventQuery(Departures.Events(1, 10)));
        var listed = Assert.Single(Directory.GetFiles(folder.At("departures"), "*.parquet", SearchOption.AllDirectories));
        File.Copy(listed, Path.Combine(folder.At("departures"), $"{Guid.NewGuid():N}.parquet"));
        File.WriteAllText(Path.Combine(folder.At("departures"), $"{Guid.NewGuid():N}.tmp"), "half a batch");
        _ = OfflineStore.Open(folder.Path);
        Assert.Equal([listed], Directory.GetFiles(folder.At("departures"), "*.parquet", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(folder.At("departures"), "*.tmp"));
    }

    [Fact]
    public void Beside_a_damaged_list_of_files_nothing_is_removed()
    {
        using var folder = new TemporaryFolder();
        OfflineStore.Open(folder.Path).Append(Departures.Source, "all", Departures.EventQuery(Departures.Events(1, 10)));
        File.WriteAllText(Path.Combine(folder.At("departures"), "source.json"), "{");
        var offline = OfflineStore.Open(folder.Path);
        Assert.Single(Directory.GetFiles(folder.At("departures"), "*.parquet", SearchOption.AllDirectories));
        Assert.Equal(FeatureErrors.StoreDamaged, Assert.Throws<MlpException>(() => offline.RowsOf(Departures.Source)).Code);
    }
}
