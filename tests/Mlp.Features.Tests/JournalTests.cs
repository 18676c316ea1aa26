using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>What a commit has acknowledged is there after a kill, and once.</summary>
public class JournalTests
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
    public async Task What_was_committed_is_there_after_a_kill()
    {
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.At("a"), Service, Small))
        {
            for (var i = 0; i < 500; i++)
            {
                store.Push(Readings, Start.AddSeconds(i), i % 3, i);
            }

            store.Put(Latest, EntityKey.Of(7), Start, [5]);
            store.Put(Latest, EntityKey.Of(8), Start, [6]);
            store.Delete(Latest, EntityKey.Of(8), Start);
            using var writer = store.CreateWriter();
            writer.PutMany(Latest, [EntityKey.Of(9), EntityKey.Of(10)], [Start, Start], [7, 8]);
            await store.CommitAsync();
            FolderCopy.Of(folder.At("a"), folder.At("b"));
        }

        foreach (var name in (string[])["a", "b"])
        {
            // Twice: what was repeated is repeated again.
            for (var i = 0; i < 2; i++)
            {
                using var opened = OnlineStore.Open(folder.At(name), Service, Small);
                Assert.Equal([167f, 167f * 166 * 3 / 2, 498f], Row(opened, 0));
                Assert.Equal([167f, 41750f, 499f], Row(opened, 1));
                Assert.Equal([0f, 0f, 5f], Row(opened, 7));
                Assert.Equal([0f, 0f, float.NaN], Row(opened, 8));
                Assert.Equal([0f, 0f, 7f], Row(opened, 9));
                Assert.Equal([0f, 0f, 8f], Row(opened, 10));
                Assert.Null(opened.CompleteUntil);
            }
        }
    }

    [Fact]
    public async Task Whatever_the_step_of_a_checkpoint_each_push_is_there_once_after_a_kill()
    {
        using var folder = new TemporaryFolder();
        var copies = new List<(string Path, int Pushes)>();
        var pushes = 0;
        using (var store = OnlineStore.Open(folder.At("a"), Service, Small))
        {
            void PushSome()
            {
                for (var i = 0; i < 50; i++)
                {
                    store.Push(Readings, Start.AddSeconds(pushes), 1L, 1L << pushes % 20);
                    pushes++;
                }
            }

            // Pushes hold still while the checkpoint is decided; a copy of the folder may be made then, too.
            store.AtStep = step =>
            {
                if (step is CheckpointStep.Closing)
                {
                    return;
                }

                if (step is not CheckpointStep.Decided)
                {
                    PushSome();
                    store.CommitAsync().Wait();
                }

                var path = folder.At($"copy{copies.Count}");
                FolderCopy.Of(folder.At("a"), path);
                copies.Add((path, pushes));
            };
            for (var round = 0; round < 4; round++)
            {
                PushSome();
                await store.CommitAsync();
                await (round % 2 == 0 ? store.CheckpointAsync() : store.CheckpointAsync(Start.AddSeconds(pushes + 50)));
            }
        }

        Assert.Equal(24, copies.Count);
        foreach (var (path, count) in copies)
        {
            using var opened = OnlineStore.Open(path, Service, Small);
            var sum = 0L;
            for (var i = 0; i < count; i++)
            {
                sum += 1L << i % 20;
            }

            Assert.Equal([count, sum], Row(opened, 1)[..2]);
        }
    }

    [Fact]
    public async Task A_checkpoint_empties_the_journal()
    {
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, Service, Small);
        for (var i = 0; i < 2000; i++)
        {
            store.Push(Readings, Start.AddSeconds(i), 1L, 1L);
        }

        await store.CheckpointAsync();
        Assert.Equal(0, store.JournalBytes);
        Assert.True(Directory.GetFiles(folder.At("journal"), "journal.log.*").Sum(f => new FileInfo(f).Length) <= Small.JournalPageBytes * 16);
        Assert.Null(store.CompleteUntil);
    }

    [Fact]
    public async Task The_store_makes_a_checkpoint_when_the_journal_is_past_half()
    {
        using var folder = new TemporaryFolder();
        using var removed = new SemaphoreSlim(0);
        using (var store = OnlineStore.Open(folder.Path, Service, Small))
        {
            store.AtStep = step =>
            {
                if (step == CheckpointStep.Removed)
                {
                    removed.Release();
                }
            };
            var i = 0;
            for (var round = 0; round < 3; round++)
            {
                while (store.JournalBytes <= Small.JournalBytesMax / 2)
                {
                    store.Push(Readings, Start.AddSeconds(i++ / 100), 1L, 1L);
                }

                await removed.WaitAsync();
            }

            store.Push(Readings, Start.AddSeconds(i++ / 100), 1L, 1L);
            await store.CommitAsync();
            Assert.Null(store.CheckpointFailure);
            Assert.Equal(i, Row(store, 1)[0]);
        }
    }

    [Fact]
    public async Task A_push_into_a_full_journal_is_refused_until_a_checkpoint_is_made_and_the_failure_of_the_stores_own_is_told()
    {
        using var folder = new TemporaryFolder();
        using var told = new SemaphoreSlim(0);
        Exception? failure = null;
        var options = Small with
        {
            CheckpointFailed = e =>
            {
                failure = e;
                told.Release();
            },
        };
        using (var store = OnlineStore.Open(folder.Path, Service, options))
        {
            store.AtStep = step =>
            {
                if (step == CheckpointStep.OnDisk)
                {
                    throw new IOException("no room for a manifest");
                }
            };
            var pushed = 0;
            void PushOn()
            {
                while (true)
                {
                    store.Push(Readings, Start, 1L, 1L);
                    pushed++;
                }
            }

            var error = Assert.Throws<MlpException>(PushOn);
            Assert.Equal(ErrorCodes.LimitReached, error.Code);
            Assert.Contains(nameof(OnlineStoreOptions.JournalBytesMax), error.Message, StringComparison.Ordinal);
            await told.WaitAsync();
            Assert.Same(failure, store.CheckpointFailure);
            Assert.Contains("no room for a manifest", failure!.Message, StringComparison.Ordinal);
            using var writer = store.CreateWriter();
            Assert.Equal(ErrorCodes.LimitReached, Assert.Throws<MlpException>(() => writer.Put(Latest, EntityKey.Of(1), Start, [1])).Code);
            store.AtStep = null;
            await store.CheckpointAsync();
            store.Push(Readings, Start, 1L, 1L);
            Assert.Equal(pushed + 1, Row(store, 1)[0]);
        }
    }

    [Fact]
    public async Task Commits_at_the_same_time_share_writes_and_each_finds_its_own_on_disk()
    {
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.At("a"), Service, Small))
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Run(async () =>
            {
                for (var i = 0; i < 50; i++)
                {
                    store.Push(Readings, Start, (long)t, 1L);
                    await store.CommitAsync();
                }
            })));
            FolderCopy.Of(folder.At("a"), folder.At("b"));
        }

        using var opened = OnlineStore.Open(folder.At("b"), Service, Small);
        for (var t = 0; t < 8; t++)
        {
            Assert.Equal(50, Row(opened, t)[0]);
        }
    }

    [Fact]
    public async Task A_commit_without_a_journal_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, Service, Small with { Durability = StoreDurability.Checkpoints });
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => store.CommitAsync());
        Assert.Contains(nameof(StoreDurability.Journal), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_opened_without_its_journal_repeats_it_and_ends_it_with_the_next_checkpoint()
    {
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.Path, Service, Small))
        {
            store.Push(Readings, Start, 1L, 1L);
            await store.CommitAsync();
        }

        var without = Small with { Durability = StoreDurability.Checkpoints, JournalPageBytes = 1 << 13, JournalBytesMax = 1 << 20 };
        using (var store = OnlineStore.Open(folder.Path, Service, without))
        {
            Assert.Equal([1f, 1f, 1f], Row(store, 1));
            store.Push(Readings, Start.AddSeconds(1), 1L, 2L);
        }

        using (var store = OnlineStore.Open(folder.Path, Service, without))
        {
            Assert.Equal([1f, 1f, 1f], Row(store, 1));
            store.Push(Readings, Start.AddSeconds(1), 1L, 3L);
            await store.CheckpointAsync();
            Assert.False(Directory.Exists(folder.At("journal")));
        }

        using (var store = OnlineStore.Open(folder.Path, Service, Small with { JournalPageBytes = 1 << 13, JournalBytesMax = 1 << 20 }))
        {
            Assert.Equal([2f, 4f, 3f], Row(store, 1));
            store.Push(Readings, Start.AddSeconds(2), 1L, 4L);
        }

        Assert.Equal(FeatureErrors.LayoutMismatch, Assert.Throws<MlpException>(() => OnlineStore.Open(folder.Path, Service, Small)).Code);
        using var opened = OnlineStore.Open(folder.Path, Service, without);
        Assert.Equal([3f, 8f, 4f], Row(opened, 1));
    }

    [Fact]
    public async Task A_journal_goes_on_under_new_definitions()
    {
        using var folder = new TemporaryFolder();
        var source = new EventSource("things", "at", Column.Integer("thing"), Column.Integer("a"), Column.Integer("b").Nullable());
        var thing = new Entity("thing", "thing");
        LatestView older = new("v", thing, source, ["a"]), newer = new("v", thing, source, ["a", "b"]);
        using (var store = OnlineStore.Open(folder.Path, Small, older))
        {
            store.Push(source, Start, 1L, 5L, FeatureValue.Missing);
            await store.CommitAsync();
        }

        for (var i = 0; i < 3; i++)
        {
            using var store = OnlineStore.Open(folder.Path, Small, newer);
            using var reader = store.CreateReader(new FeatureService("s", "1", newer));
            var row = new float[2];
            reader.Read([EntityKey.Of(1)], Start.AddHours(1), row);
            Assert.Equal([5f, i == 0 ? float.NaN : 6f], row);
            store.Push(source, Start, 1L, 5L, 6L);
            await store.CommitAsync();
        }

        Assert.Equal(FeatureErrors.SchemaMismatch, Assert.Throws<MlpException>(() => OnlineStore.Open(folder.Path, Small, older)).Code);
    }

    [Fact]
    public async Task Corrections_of_writers_beside_each_other_are_repeated_in_the_order_in_which_they_came()
    {
        using var folder = new TemporaryFolder();
        var seen = new float[4];
        using (var store = OnlineStore.Open(folder.At("a"), Service, Small with { JournalBytesMax = 1 << 22 }))
        {
            await Task.WhenAll(Enumerable.Range(0, 3).Select(w => Task.Run(() =>
            {
                using var writer = store.CreateWriter();
                for (var i = 0; i < 400; i++)
                {
                    var key = EntityKey.Of(i % seen.Length);
                    long value = (w * 1000) + i;
                    if (i % 2 == 0)
                    {
                        writer.PutBytes(Latest, key, Start.AddSeconds(1000 - i), BitConverter.GetBytes(value), rule: PutRule.Always);
                    }
                    else
                    {
                        writer.Put(Latest, key, Start.AddSeconds(i), [value]);
                    }
                }
            })));
            for (var key = 0; key < seen.Length; key++)
            {
                seen[key] = Row(store, key)[2];
            }

            await store.CommitAsync();
            FolderCopy.Of(folder.At("a"), folder.At("b"));
        }

        using var opened = OnlineStore.Open(folder.At("b"), Service, Small with { JournalBytesMax = 1 << 22 });
        for (var key = 0; key < seen.Length; key++)
        {
            Assert.Equal(seen[key], Row(opened, key)[2]);
        }
    }

    [Fact]
    public void A_folder_in_which_no_journal_can_be_made_is_refused_with_its_path()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("journal"), "a file of somebody's");
        var error = Assert.Throws<MlpException>(() => OnlineStore.Open(folder.Path, Service, Small));
        Assert.Equal(FeatureErrors.StoreUnavailable, error.Code);
        Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);
        Assert.Equal("a file of somebody's", File.ReadAllText(folder.At("journal")));
    }

    [Fact]
    public async Task A_store_without_acknowledgements_keeps_its_journal_when_it_is_closed()
    {
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.Path, Service, Small))
        {
            store.Push(Readings, Start, 1L, 2L);
        }

        using var opened = OnlineStore.Open(folder.Path, Service, Small);
        Assert.Equal([1f, 2f, 2f], Row(opened, 1));
        opened.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => opened.CommitAsync());
    }

    [Fact]
    public async Task A_commit_beside_the_close_of_its_store_ends_well_or_says_that_it_came_too_late()
    {
        using var folder = new TemporaryFolder();
        for (var round = 0; round < 40; round++)
        {
            var store = OnlineStore.Open(folder.Path, Service, Small);
            store.Push(Readings, Start, 1L, 1L);
            var commits = Enumerable.Range(0, 3).Select(_ => Task.Run(() => store.CommitAsync())).ToArray();
            store.Dispose();
            foreach (var commit in commits)
            {
                try
                {
                    await commit;
                }
                catch (ObjectDisposedException)
                {
                    // It came too late.
                }
            }
        }

        using var opened = OnlineStore.Open(folder.Path, Service, Small);
        Assert.Equal(40, Row(opened, 1)[0]);
    }

    private static float[] Row(OnlineStore store, long sensor)
    {
        using var reader = store.CreateReader(Service);
        var row = new float[Service.RowLength];
        reader.Read([EntityKey.Of(sensor)], Start.AddHours(20), row);
        return row;
    }
}
