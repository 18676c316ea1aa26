using Mlp.Core;

namespace Mlp.Features.Tests;

/// <summary>What a checkpoint holds, whatever happens beside it, and what a process leaves that is killed in the middle of one.</summary>
public class CheckpointTests
{
    private static readonly EventSource Readings = new("readings", "at", Column.Integer("sensor"), Column.Integer("value"));
    private static readonly Entity Sensor = new("sensor", "sensor");
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly WindowedView Sums = new("sums", Sensor, Readings, TimeSpan.FromMinutes(10), TimeSpan.Zero, Aggregate.Count(TimeSpan.FromHours(24)), Aggregate.Sum("value", TimeSpan.FromHours(24)));
    private static readonly LatestView Latest = new("latest", Sensor, Readings, ["value"]);
    private static readonly CheckpointStep[] Steps = [CheckpointStep.Compacted, CheckpointStep.Decided, CheckpointStep.VersionClosed, CheckpointStep.OnDisk, CheckpointStep.Named];
    private static readonly FeatureService Service = new("s", "1", Sums, Latest);

    // Small enough that most of the log is on disk, and that it is compacted every few rounds.
    private static readonly OnlineStoreOptions Small = new() { MemoryBytes = 1 << 16, PageBytes = 1 << 13, SegmentBytes = 1 << 14, IndexBytes = 1 << 12, LogBytesMax = 1 << 19 };

    [Theory]
    [InlineData(nameof(CheckpointStep.VersionClosed))]
    [InlineData(nameof(CheckpointStep.OnDisk))]
    [InlineData(nameof(CheckpointStep.Named))]
    public async Task A_push_beside_a_checkpoint_is_not_in_it_and_not_counted_twice_after_a_restart(string during)
    {
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.Path, Service, Small))
        {
            store.Push(Readings, Start, 1L, 10L);
            store.AtStep = step =>
            {
                if (step.ToString() == during)
                {
                    store.Push(Readings, Start.AddMinutes(1), 1L, 5L);
                    store.Push(Readings, Start.AddMinutes(1), 2L, 5L);
                }
            };
            await store.CheckpointAsync(Start.AddMinutes(1));
            Assert.Equal([2f, 15f, 5f], Row(store, 1));
        }

        using var opened = OnlineStore.Open(folder.Path, Service, Small);
        Assert.Equal([1f, 10f, 10f], Row(opened, 1));
        Assert.Equal([0f, 0f, float.NaN], Row(opened, 2));
        opened.Push(Readings, Start.AddMinutes(1), 1L, 5L);
        Assert.Equal([2f, 15f, 5f], Row(opened, 1));
    }

    [Fact]
    public async Task A_push_that_comes_while_the_checkpoint_is_decided_waits_until_its_version_is_closed()
    {
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.Path, Service, Small))
        {
            store.Push(Readings, Start, 1L, 10L);
            Task? push = null;
            var afterwards = false;
            store.AtStep = step =>
            {
                if (step == CheckpointStep.Decided)
                {
                    using var begun = new ManualResetEventSlim();
                    push = Task.Run(() =>
                    {
                        begun.Set();
                        store.Push(Readings, Start.AddMinutes(1), 1L, 5L);
                    });
                    begun.Wait();
                }

                if (step == CheckpointStep.VersionClosed)
                {
                    push!.Wait();
                    afterwards = true;
                }
            };
            await store.CheckpointAsync(Start.AddMinutes(1));
            Assert.True(afterwards);
        }

        using var opened = OnlineStore.Open(folder.Path, Service, Small);
        Assert.Equal([1f, 10f, 10f], Row(opened, 1));
    }

    [Fact]
    public async Task A_read_that_keeps_the_version_open_lets_no_push_slip_into_it()
    {
        using var folder = new TemporaryFolder();
        using var inside = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var service = new FeatureService("s", "1", Sums, Latest, new OnDemandView("blocks", "1", ["seven"], (_, features) =>
        {
            inside.Set();
            go.Wait();
            features[0] = 7;
        }));
        using (var store = OnlineStore.Open(folder.Path, service, Small))
        {
            store.Push(Readings, Start, 1L, 10L);
            using var reader = store.CreateReader(service);
            var read = Task.Run(() => reader.Read([EntityKey.Of(1)], Start.AddMinutes(20), new float[4]));
            inside.Wait(TestContext.Current.CancellationToken);
            Task? push = null;
            var endedBeforeRead = false;
            store.AtStep = step =>
            {
                if (step == CheckpointStep.Closing && push is null)
                {
                    using var begun = new ManualResetEventSlim();
                    push = Task.Run(() =>
                    {
                        begun.Set();
                        store.Push(Readings, Start.AddMinutes(1), 1L, 5L);
                    });
                    begun.Wait();
                    go.Set();
                }

                if (step == CheckpointStep.VersionClosed)
                {
                    endedBeforeRead = !go.IsSet;
                    go.Set();
                    push?.Wait();
                }
            };
            await store.CheckpointAsync(Start.AddMinutes(1), TestContext.Current.CancellationToken);
            await read;
            Assert.False(endedBeforeRead, "the version was said to be closed while a read kept it open");
            Assert.NotNull(push);
        }

        using var opened = OnlineStore.Open(folder.Path, Service, Small);
        Assert.Equal([1f, 10f, 10f], Row(opened, 1));
    }

    [Fact]
    public async Task A_checkpoint_that_is_cancelled_half_way_leaves_the_last_one_and_the_next_succeeds()
    {
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.Path, Service, Small))
        {
            store.Push(Readings, Start, 1L, 10L);
            await store.CheckpointAsync(Start.AddMinutes(1));
            store.Push(Readings, Start.AddMinutes(1), 1L, 5L);
            using var cancel = new CancellationTokenSource();
            store.AtStep = step =>
            {
                if (step == CheckpointStep.VersionClosed)
                {
                    cancel.Cancel();
                }
            };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.CheckpointAsync(Start.AddMinutes(2), cancel.Token));
            Assert.Equal(Start.AddMinutes(1), store.CompleteUntil);
            store.AtStep = null;
            store.Push(Readings, Start.AddMinutes(2), 1L, 1L);
            await store.CheckpointAsync(Start.AddMinutes(3));
        }

        using var opened = OnlineStore.Open(folder.Path, Service, Small);
        Assert.Equal(Start.AddMinutes(3), opened.CompleteUntil);
        Assert.Equal([3f, 16f, 1f], Row(opened, 1));
    }

    [Fact]
    public async Task Checkpoints_at_the_same_time_come_one_after_the_other()
    {
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.Path, Service, Small))
        {
            store.Push(Readings, Start, 1L, 10L);
            await Task.WhenAll(Enumerable.Range(1, 8).Select(i => Task.Run(() => store.CheckpointAsync(Start.AddMinutes(i)))));
        }

        using var opened = OnlineStore.Open(folder.Path, Service, Small);
        Assert.Equal([1f, 10f, 10f], Row(opened, 1));
        Assert.Equal(2, Directory.GetDirectories(folder.At("checkpoints"), "*-*-*-*-*", SearchOption.AllDirectories).Length);
    }

    /// <summary>
    /// A stream with checkpoints, pushes beside them, and a kill at a step of a checkpoint or between two. Whenever the store is opened again, it has to
    /// have every event known before <see cref="OnlineStore.CompleteUntil"/> once and no other; the stream then goes on from there.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Whenever_a_process_is_killed_the_store_opens_with_each_event_before_its_time_once(int seed)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(seed);
        var world = new World(seed, sensors: 40, minutes: 240);
        var path = folder.At("0");
        int minute = 0, kills = 0, compactions = 0;
        while (minute < world.Minutes)
        {
            CheckpointStep? kill = random.Next(4) == 0 ? null : Steps[random.Next(Steps.Length)];
            var checkpoints = random.Next(1, 8);
            string? left = null;
            using (var store = OnlineStore.Open(path, Service, Small))
            {
                minute = world.MinuteOf(store.CompleteUntil);
                world.Check(store, minute);
                for (var c = 0; c < checkpoints && minute < world.Minutes; c++)
                {
                    var until = Math.Min(world.Minutes, minute + random.Next(1, 12));
                    for (; minute < until; minute++)
                    {
                        world.Push(store, minute);
                    }

                    var last = c == checkpoints - 1;
                    var beside = last ? random.Next(2) : 0;
                    store.AtStep = step =>
                    {
                        // What a kill leaves is what is in the folder at that moment.
                        if (last && step == kill)
                        {
                            left = folder.At($"{++kills}");
                            Copy(path, left);
                        }

                        if (step == CheckpointStep.VersionClosed && beside > 0 && until < world.Minutes)
                        {
                            world.Push(store, until);
                        }
                    };
                    var before = store.LogBytes;
                    await store.CheckpointAsync(Start.AddMinutes(until));
                    compactions += store.LogBytes < before ? 1 : 0;
                    world.Check(store, until + (beside > 0 && until < world.Minutes ? 1 : 0));
                }
            }

            path = left ?? path;
        }

        using var end = OnlineStore.Open(path, Service, Small);
        world.Check(end, world.MinuteOf(end.CompleteUntil));
        Assert.True(kills > 0, "no seed is worth its time that kills nothing");
        Assert.True(compactions > 0, "nor one that compacts nothing");
    }

    private static void Copy(string from, string to)
    {
        foreach (var directory in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories).Prepend(from))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, directory)));
        }

        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "lock"))
        {
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        }
    }

    private static float[] Row(OnlineStore store, long sensor)
    {
        using var reader = store.CreateReader(Service);
        var row = new float[Service.RowLength];
        reader.Read([EntityKey.Of(sensor)], Start.AddMinutes(20), row);
        return row;
    }

    /// <summary>A stream of events by the minute, and what the rows are by their definition.</summary>
    private sealed class World
    {
        private readonly int _sensors;
        private readonly (long Sensor, long Value)[][] _events;

        public World(int seed, int sensors, int minutes)
        {
            var random = new Random(seed * 31);
            _sensors = sensors;
            _events = [.. Enumerable.Range(0, minutes).Select(_ => Enumerable.Range(0, random.Next(1, 24)).Select(_ => ((long)random.Next(sensors), (long)random.Next(1000))).ToArray())];
        }

        public int Minutes => _events.Length;

        public int MinuteOf(DateTime? until) => until is { } time ? (int)(time - Start).TotalMinutes : 0;

        public void Push(OnlineStore store, int minute)
        {
            foreach (var (sensor, value) in _events[minute])
            {
                store.Push(Readings, Start.AddMinutes(minute), sensor, value);
            }
        }

        public void Check(OnlineStore store, int minutes)
        {
            var count = new float[_sensors];
            var sum = new float[_sensors];
            var latest = Enumerable.Repeat(float.NaN, _sensors).ToArray();
            for (var m = 0; m < minutes; m++)
            {
                foreach (var of in _events[m].GroupBy(e => e.Sensor))
                {
                    count[of.Key] += of.Count();
                    sum[of.Key] += of.Sum(e => e.Value);
                    latest[of.Key] = of.Max(e => e.Value);
                }
            }

            using var reader = store.CreateReader(Service);
            var row = new float[3];
            for (var s = 0; s < _sensors; s++)
            {
                reader.Read([EntityKey.Of(s)], Start.AddMinutes(Minutes + 1), row);
                Assert.Equal([count[s], sum[s], latest[s]], row);
            }
        }
    }
}
