using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>Checkpoints that the store makes of its own.</summary>
public class PeriodicCheckpointTests
{
    private static readonly EventSource Readings = new("readings", "at", Column.Integer("sensor"), Column.Integer("value"));
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly LatestView Latest = new("latest", new Entity("sensor", "sensor"), Readings, ["value"]);
    private static readonly FeatureService Service = new("s", "1", Latest);
    private static readonly OnlineStoreOptions Small = new()
    {
        MemoryBytes = 1 << 16, PageBytes = 1 << 13, SegmentBytes = 1 << 14, IndexBytes = 1 << 12, LogBytesMax = 1 << 20,
        Durability = StoreDurability.PeriodicCheckpoints, CheckpointPeriod = TimeSpan.FromSeconds(7),
    };

    [Fact]
    public async Task What_has_changed_is_in_a_checkpoint_after_a_period_and_what_has_not_costs_none()
    {
        using var folder = new TemporaryFolder();
        using var removed = new SemaphoreSlim(0);
        var time = new SteppedTime();
        var checkpoints = 0;
        using (var store = OnlineStore.Open(folder.At("a"), Service, Small with { TimeProvider = time }))
        {
            store.AtStep = step =>
            {
                if (step == CheckpointStep.Removed)
                {
                    checkpoints++;
                    removed.Release();
                }
            };
            using var writer = store.CreateWriter();
            for (var i = 1; i <= 3; i++)
            {
                // By a push, by a writer, by a deletion.
                switch (i)
                {
                    case 1: store.Push(Readings, Start, 1L, 1L); break;
                    case 2: writer.Put(Latest, EntityKey.Of(2), Start, [2]); break;
                    default: store.Delete(Latest, EntityKey.Of(1), Start); break;
                }

                Assert.Equal(TimeSpan.FromSeconds(7), await time.StepAsync());
                await removed.WaitAsync();
                Assert.Equal(i, checkpoints);

                // Once more, and it waits again: there was nothing to do.
                await time.StepAsync();
                await time.StepAsync();
                Assert.Equal(i, checkpoints);
            }

            Assert.Null(store.CompleteUntil);
            FolderCopy.Of(folder.At("a"), folder.At("b"));
        }

        using var opened = OnlineStore.Open(folder.At("b"), Service, Small);
        Assert.Equal(float.NaN, Value(opened, 1));
        Assert.Equal(2, Value(opened, 2));
    }

    [Fact]
    public async Task Its_failure_is_told_and_it_is_tried_again()
    {
        using var folder = new TemporaryFolder();
        using var told = new SemaphoreSlim(0);
        using var removed = new SemaphoreSlim(0);
        var time = new SteppedTime();
        var failures = new List<Exception>();
        var options = Small with
        {
            TimeProvider = time,
            CheckpointFailed = e =>
            {
                failures.Add(e);
                told.Release();
            },
        };
        using var store = OnlineStore.Open(folder.Path, Service, options);
        store.Push(Readings, Start, 1L, 1L);
        store.AtStep = step =>
        {
            if (step == CheckpointStep.OnDisk)
            {
                throw new IOException("no room for a manifest");
            }
        };
        for (var i = 1; i <= 2; i++)
        {
            await time.StepAsync();
            await told.WaitAsync();
            Assert.Equal(i, failures.Count);
            Assert.Contains("no room for a manifest", failures[^1].Message, StringComparison.Ordinal);
            Assert.Same(failures[^1], store.CheckpointFailure);
        }

        store.AtStep = step =>
        {
            if (step == CheckpointStep.Removed)
            {
                removed.Release();
            }
        };
        await time.StepAsync();
        await removed.WaitAsync();

        // It waits for the next time only after it has said how this one went.
        await time.StepAsync();
        Assert.Null(store.CheckpointFailure);
        Assert.Equal(2, failures.Count);
    }

    [Fact]
    public void Options_of_durability_are_checked()
    {
        Small.Validate();
        Assert.Throws<ArgumentOutOfRangeException>(() => (Small with { Durability = (StoreDurability)9 }).Validate());
        Assert.Throws<ArgumentOutOfRangeException>(() => (Small with { CheckpointPeriod = TimeSpan.Zero }).Validate());
        Assert.Throws<ArgumentOutOfRangeException>(() => (Small with { CheckpointPeriod = TimeSpan.FromDays(2) }).Validate());
        Assert.Throws<ArgumentOutOfRangeException>(() => (Small with { JournalPageBytes = 5000 }).Validate());
        Assert.Throws<ArgumentOutOfRangeException>(() => (Small with { JournalPageBytes = 1 << 20, JournalBytesMax = 1 << 24 }).Validate());
        Assert.Throws<ArgumentNullException>(() => (Small with { TimeProvider = null! }).Validate());
    }

    private static float Value(OnlineStore store, long sensor)
    {
        using var reader = store.CreateReader(Service);
        var row = new float[1];
        reader.Read([EntityKey.Of(sensor)], Start.AddHours(1), row);
        return row[0];
    }
}
