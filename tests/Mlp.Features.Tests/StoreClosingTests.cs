using Mlp.Core;

namespace Mlp.Features.Tests;

/// <summary>Closing a store that is in use, and folders that cannot be opened.</summary>
public class StoreClosingTests
{
    private static readonly EventSource Readings = new("readings", "at", Column.Integer("sensor"), Column.Integer("value"));
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly LatestView Latest = new("latest", new Entity("sensor", "sensor"), Readings, ["value"]);
    private static readonly FeatureService Service = new("s", "1", Latest);
    private static readonly OnlineStoreOptions Small = new() { MemoryBytes = 1 << 16, PageBytes = 1 << 12, SegmentBytes = 1 << 16, IndexBytes = 1 << 12 };

    [Fact]
    public async Task Readers_in_parallel_get_right_rows_and_then_the_error_of_a_closed_store()
    {
        using var folder = new TemporaryFolder();
        const int sensors = 3_000;
        for (var round = 0; round < 10; round++)
        {
            // More than memory holds, so that some of the reads are at the disk when the store closes.
            var store = OnlineStore.Open(folder.Path, Service, Small);
            for (var s = 0; s < sensors; s++)
            {
                store.Put(Latest, EntityKey.Of(s), Start, [s]);
            }

            using var pool = store.CreateReaderPool(Service);
            using var reading = new CountdownEvent(3);
            var threads = Enumerable.Range(0, 3).Select(n => Task.Factory.StartNew(
                () =>
                {
                    using var own = n == 0 ? null : store.CreateReader(Service);
                    var row = new float[1];
                    var first = true;
                    for (var s = n; ; s = (s + 17) % sensors, first = false)
                    {
                        try
                        {
                            var status = own is null ? pool.Read([EntityKey.Of(s)], Start.AddMinutes(1), row) : own.Read([EntityKey.Of(s)], Start.AddMinutes(1), row);
                            Assert.Equal(FeatureReadStatus.Complete, status);
                            Assert.Equal(s, row[0]);
                        }
                        catch (ObjectDisposedException e)
                        {
                            Assert.Contains(nameof(OnlineStore), e.ObjectName, StringComparison.Ordinal);
                            return;
                        }

                        if (first)
                        {
                            reading.Signal();
                        }
                    }
                },
                TestContext.Current.CancellationToken,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)).ToArray();
            reading.Wait(TestContext.Current.CancellationToken);
            store.Dispose();
            await Task.WhenAll(threads);
        }
    }

    [Fact]
    public async Task Closing_waits_for_the_read_under_way_and_refuses_the_next()
    {
        using var folder = new TemporaryFolder();
        using var inside = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var service = Blocking(inside, go);
        var store = OnlineStore.Open(folder.Path, service, Small);
        store.Put(Latest, EntityKey.Of(1), Start, [5]);
        using var reader = store.CreateReader(service);
        var row = new float[2];
        var read = Task.Run(() => reader.Read([EntityKey.Of(1)], Start.AddMinutes(1), row));
        inside.Wait(TestContext.Current.CancellationToken);
        var closing = Task.Run(store.Dispose);
        SpinWait.SpinUntil(() => Refuses(() => store.Put(Latest, EntityKey.Of(2), Start, [6])));
        Assert.False(closing.IsCompleted);
        go.Set();
        Assert.Equal(FeatureReadStatus.Complete, await read);
        Assert.Equal([7f, 5f], row);
        await closing;
        Assert.True(Refuses(() => reader.Read([EntityKey.Of(1)], Start.AddMinutes(1), row)));
        using var again = OnlineStore.Open(folder.Path, service, Small);
    }

    [Fact]
    public async Task A_read_that_does_not_end_in_time_keeps_the_store_and_is_named()
    {
        using var folder = new TemporaryFolder();
        using var inside = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var service = Blocking(inside, go);
        var store = OnlineStore.Open(folder.Path, service, Small with { CloseWaitMax = TimeSpan.Zero });
        store.Put(Latest, EntityKey.Of(1), Start, [5]);
        using var reader = store.CreateReader(service);
        var row = new float[2];
        var read = Task.Run(() => reader.Read([EntityKey.Of(1)], Start.AddMinutes(1), row));
        inside.Wait(TestContext.Current.CancellationToken);
        var error = Assert.Throws<MlpException>(store.Dispose);
        Assert.Equal(FeatureErrors.StoreBusy, error.Code);
        Assert.Contains("a read did not end within CloseWaitMax", error.Message, StringComparison.Ordinal);
        go.Set();
        Assert.Equal(FeatureReadStatus.Complete, await read);
        Assert.Equal([7f, 5f], row);
        store.Dispose();
        using var again = OnlineStore.Open(folder.Path, service, Small);
    }

    [Fact]
    public async Task A_checkpoint_that_does_not_end_in_time_is_named_and_comes_to_its_end()
    {
        using var folder = new TemporaryFolder();
        using var inside = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var store = OnlineStore.Open(folder.Path, Service, Small with { CloseWaitMax = TimeSpan.Zero });
        store.Put(Latest, EntityKey.Of(1), Start, [5]);
        store.AtStep = step =>
        {
            if (step == CheckpointStep.VersionClosed)
            {
                inside.Set();
                go.Wait();
            }
        };
        var checkpoint = Task.Run(() => store.CheckpointAsync(Start.AddMinutes(1)));
        inside.Wait(TestContext.Current.CancellationToken);
        Assert.Contains("a checkpoint did not end", Assert.Throws<MlpException>(store.Dispose).Message, StringComparison.Ordinal);
        go.Set();
        await checkpoint;
        store.Dispose();
        using var again = OnlineStore.Open(folder.Path, Service, Small);
        Assert.Equal(Start.AddMinutes(1), again.CompleteUntil);
    }

    [Fact]
    public async Task A_closed_store_refuses_everything_but_being_closed_again()
    {
        using var folder = new TemporaryFolder();
        var store = OnlineStore.Open(folder.Path, Service, Small);
        using var pool = store.CreateReaderPool(Service);
        using var reader = store.CreateReader(Service);
        store.Dispose();
        store.Dispose();
        Assert.True(Refuses(() => store.Push(Readings, Start, 1L, 1L)));
        Assert.True(Refuses(() => store.Put(Latest, EntityKey.Of(1), Start, [1])));
        Assert.True(Refuses(() => store.CreateReader(Service)));
        Assert.True(Refuses(() => pool.Read([EntityKey.Of(1)], Start, new float[1])));
        Assert.True(Refuses(() => reader.ReadMany([EntityKey.Of(1)], Start, new float[1])));
        Assert.True(Refuses(() => _ = store.RecordCount));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.CheckpointAsync(Start));
    }

    [Fact]
    public void A_folder_that_cannot_be_opened_is_not_said_to_be_in_use()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("file"), "");
        Unavailable(() => OnlineStore.Open(folder.At("file"), Service, Small));

        Directory.CreateDirectory(Path.Combine(folder.At("locked"), "lock"));
        Unavailable(() => OnlineStore.Open(folder.At("locked"), Service, Small));

        // The owner's name cannot be written; the lock is given back.
        Directory.CreateDirectory(Path.Combine(folder.At("owned"), "owner.txt"));
        Unavailable(() => OnlineStore.Open(folder.At("owned"), Service, Small));
        Directory.Delete(Path.Combine(folder.At("owned"), "owner.txt"));
        OnlineStore.Open(folder.At("owned"), Service, Small).Dispose();
    }

    [Fact]
    public async Task A_checkpoint_that_cannot_be_written_leaves_the_last_one()
    {
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.Path, Service, Small))
        {
            store.Put(Latest, EntityKey.Of(1), Start, [1]);
            await store.CheckpointAsync(Start.AddMinutes(1));
            Directory.CreateDirectory(folder.At("store.json.tmp"));
            store.Put(Latest, EntityKey.Of(1), Start.AddMinutes(1), [2]);
            Assert.Equal(FeatureErrors.StoreUnavailable, (await Assert.ThrowsAsync<MlpException>(() => store.CheckpointAsync(Start.AddMinutes(2)))).Code);
            Assert.Equal(Start.AddMinutes(1), store.CompleteUntil);
        }

        Directory.Delete(folder.At("store.json.tmp"));
        using (var opened = OnlineStore.Open(folder.Path, Service, Small))
        {
            Assert.Equal(Start.AddMinutes(1), opened.CompleteUntil);
            using var reader = opened.CreateReader(Service);
            var row = new float[1];
            reader.Read([EntityKey.Of(1)], Start.AddMinutes(5), row);
            Assert.Equal(1, row[0]);
        }
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_makes_no_checkpoint_and_shuts_the_store()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs a device that is always full");
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, Service, Small);
        File.CreateSymbolicLink(Path.Combine(folder.At("log"), "features.log.0"), "/dev/full");
        store.Put(Latest, EntityKey.Of(1), Start, [1]);
        var error = await Assert.ThrowsAsync<MlpException>(() => store.CheckpointAsync(Start.AddMinutes(1)));
        Assert.Equal(FeatureErrors.StoreFaulted, error.Code);
        Assert.Contains("the log cannot be written", error.Message, StringComparison.Ordinal);
        Assert.Null(store.CompleteUntil);
        Assert.False(File.Exists(folder.At("store.json")));
        Assert.Equal(FeatureErrors.StoreFaulted, Assert.Throws<MlpException>(() => store.Put(Latest, EntityKey.Of(1), Start, [2])).Code);
    }

    private static FeatureService Blocking(ManualResetEventSlim inside, ManualResetEventSlim go) => new("s", "1", new OnDemandView("blocks", "1", ["seven"], (_, features) =>
    {
        inside.Set();
        go.Wait();
        features[0] = 7;
    }), Latest);

    private static void Unavailable(Action open) => Assert.Equal(FeatureErrors.StoreUnavailable, Assert.Throws<MlpException>(open).Code);

    private static bool Refuses(Action call)
    {
        try
        {
            call();
            return false;
        }
        catch (ObjectDisposedException e)
        {
            return e.ObjectName.Contains(nameof(OnlineStore), StringComparison.Ordinal);
        }
    }
}
