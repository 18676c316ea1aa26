using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>What a journal repeats and what is materialised meet, and nothing is counted twice.</summary>
public class JournaledMaterializationTests
{
    private static readonly EventSource Readings = new("readings", "at", Column.Integer("sensor"), Column.Integer("value"));
    private static readonly Entity Sensor = new("sensor", "sensor");
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly WindowedView Sums = new("sums", Sensor, Readings, TimeSpan.FromMinutes(10), TimeSpan.Zero, Aggregate.Count(TimeSpan.FromHours(24)), Aggregate.Sum("value", TimeSpan.FromHours(24)));
    private static readonly LatestView Latest = new("latest", Sensor, Readings, ["value"]);
    private static readonly FeatureService Service = new("s", "1", Sums, Latest);

    private static readonly OnlineStoreOptions Small = new()
    {
        MemoryBytes = 1 << 16, PageBytes = 1 << 13, SegmentBytes = 1 << 14, IndexBytes = 1 << 12, LogBytesMax = 1 << 20,
        Durability = StoreDurability.Journal, JournalPageBytes = 1 << 12, JournalBytesMax = 1 << 17,
    };

    [Fact]
    public async Task What_the_journal_repeats_is_not_materialised_again()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.At("offline"));
        offline.Append(Readings, "all", OfflineQuery.Sql("SELECT TIMESTAMP '2026-01-01' + to_seconds(i) AS at, 1 AS sensor, 1 AS value FROM range(10) t(i)"));
        using (var store = OnlineStore.Open(folder.At("online"), Service, Small))
        {
            store.Push(Readings, Start.AddSeconds(3), 1L, 1L);
            await store.CommitAsync();
        }

        using (var store = OnlineStore.Open(folder.At("online"), Service, Small))
        {
            Assert.Equal(FeatureErrors.CountedTwice, (await Assert.ThrowsAsync<MlpException>(() => Materializer.RunAsync(offline, store, Start.AddSeconds(10)))).Code);
            Assert.Equal(1f, Row(store, 1)[0]);

            // Neither where a checkpoint holds it that says nothing of completeness.
            await store.CheckpointAsync();
        }

        using (var store = OnlineStore.Open(folder.At("online"), Service, Small))
        {
            Assert.Equal(FeatureErrors.CountedTwice, (await Assert.ThrowsAsync<MlpException>(() => Materializer.RunAsync(offline, store, Start.AddSeconds(10)))).Code);
            await store.CheckpointAsync(Start.AddSeconds(4));
            await Materializer.RunAsync(offline, store, Start.AddSeconds(10));
            Assert.Equal(1f + 6f, Row(store, 1)[0]);
        }
    }

    [Fact]
    public async Task A_commit_behind_a_materialisation_waits_for_its_checkpoint_and_a_kill_before_leaves_neither()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.At("offline"));
        offline.Append(Readings, "all", OfflineQuery.Sql("SELECT TIMESTAMP '2026-01-01' + to_seconds(i) AS at, 1 AS sensor, 1 AS value FROM range(10) t(i)"));
        using (var store = OnlineStore.Open(folder.At("online"), Service, Small))
        {
            store.Put(Latest, EntityKey.Of(5), Start.AddDays(-2), [3]);
            await store.CheckpointAsync(Start.AddDays(-1));
            store.Put(Latest, EntityKey.Of(6), Start.AddDays(-3), [4]);
            Task? commit = null;
            store.AtStep = step =>
            {
                if (step == CheckpointStep.VersionClosed)
                {
                    store.Push(Readings, Start.AddSeconds(20), 1L, 1L);
                    commit = store.CommitAsync();
                }
                else if (step == CheckpointStep.OnDisk)
                {
                    store.CommitEntriesAsync(CancellationToken.None).GetAwaiter().GetResult();
                    FolderCopy.Of(folder.At("online"), folder.At("killed"));
                    Assert.False(commit!.IsCompleted);
                }
            };
            await Materializer.RunAsync(offline, store, Start.AddSeconds(10));
            await commit!;
            FolderCopy.Of(folder.At("online"), folder.At("named"));
        }

        using (var store = OnlineStore.Open(folder.At("named"), Service, Small))
        {
            Assert.Equal([11f, 11f, 1f], Row(store, 1));
            Assert.Equal(4f, Row(store, 6)[2]);
            Assert.Equal(Start.AddSeconds(10), store.CompleteUntil);
        }

        // Twice: the journal goes on before what was cut off, not behind.
        for (var i = 0; i < 2; i++)
        {
            using var store = OnlineStore.Open(folder.At("killed"), Service, Small);
            Assert.Equal([0f, 0f, i == 0 ? float.NaN : 7f], Row(store, 1));
            Assert.Equal(3f, Row(store, 5)[2]);
            Assert.Equal(4f, Row(store, 6)[2]);
            store.Put(Latest, EntityKey.Of(1), Start.AddDays(-3), [7]);
            await store.CommitAsync();
        }

        using (var store = OnlineStore.Open(folder.At("killed"), Service, Small))
        {
            await Materializer.RunAsync(offline, store, Start.AddSeconds(10));
            Assert.Equal([10f, 10f, 1f], Row(store, 1));
        }
    }

    private static float[] Row(OnlineStore store, long sensor)
    {
        using var reader = store.CreateReader(Service);
        var row = new float[Service.RowLength];
        reader.Read([EntityKey.Of(sensor)], Start.AddHours(20), row);
        return row;
    }
}
