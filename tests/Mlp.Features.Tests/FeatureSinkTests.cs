using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

public class FeatureSinkTests
{
    private static readonly EventSource Clicks = new("clicks", "known_at", Column.Integer("user"), Column.Integer("amount"));
    private static readonly Entity User = new("user", "user");
    private static readonly FeatureService Service = new("s", "1",
        new WindowedView("sums", User, Clicks, TimeSpan.FromMinutes(1), TimeSpan.FromDays(2), Aggregate.Count(TimeSpan.FromDays(4)), Aggregate.Sum("amount", TimeSpan.FromDays(4))),
        new LatestView("last", User, Clicks, ["amount"]));
    private static readonly DateTime Start = new(2001, 1, 30, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime End = Start.AddDays(3);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Whenever_a_crash_comes_every_durable_event_is_in_both_stores_once(int seed)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(seed);
        var events = Events(seed, 300);
        var crashes = 0;
        for (var isDone = false; !isDone;)
        {
            var offline = OfflineStore.Open(folder.At("offline"));
            using var online = OnlineStore.Open(folder.At("online"), Service);
            var sink = await FeatureSink.OpenAsync(online, offline, Clicks, "topic-0", new FeatureSinkOptions { BufferEventsMax = 40, FlushAfter = TimeSpan.FromDays(1) });
            Assert.Equal(sink.Position, offline.RowsOf(Clicks));
            Assert.Equal(sink.Position, sink.DurablePosition);

            // The stream is read from some way before where it has to be, as one that commits its own offsets late.
            var isCrashed = false;
            foreach (var one in events.Skip((int)Math.Max(0, sink.Position - 30)))
            {
                Assert.Equal(one.Offset >= sink.Position, await sink.PushAsync(one));
                switch (random.Next(60))
                {
                    case 0: await sink.FlushAsync(); break;
                    case 1: await sink.CheckpointAsync(); break;
                    case 2: isCrashed = true; break;
                    case 3: isCrashed = await FailsAtAStep(online, sink, (CheckpointStep)random.Next(6)); break;
                }

                if (isCrashed && crashes++ < 25)
                {
                    break;
                }

                isCrashed = false;
            }

            if (!isCrashed)
            {
                await sink.FlushAsync();
                isDone = true;
                Assert.Equal(events.Count, sink.DurablePosition);
                await BothHaveAll(offline, online, events);
            }
        }

        Assert.True(crashes > 0);
    }

    private static async Task<bool> FailsAtAStep(OnlineStore online, FeatureSink sink, CheckpointStep step)
    {
        online.AtStep = s => { if (s == step) { throw new IOException("the process ends here"); } };
        try
        {
            await sink.CheckpointAsync();
            return false;
        }
        catch (Exception e) when (e is IOException or MlpException)
        {
            return true;
        }
    }

    [Fact]
    public async Task Events_that_wait_are_appended_when_there_are_many_and_when_their_time_has_come()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        var offline = OfflineStore.Open(folder.At("offline"));
        using var online = OnlineStore.Open(folder.At("online"), Service);
        await using var sink = await FeatureSink.OpenAsync(online, offline, Clicks, "topic-0", new FeatureSinkOptions { BufferEventsMax = 10, FlushAfter = TimeSpan.FromSeconds(5), Time = time });
        foreach (var one in Events(1, 11))
        {
            await sink.PushAsync(one);
        }

        Assert.Equal(10, offline.RowsOf(Clicks));
        Assert.Equal(10, sink.DurablePosition);
        time.Fire();
        await sink.FlushAsync();
        Assert.Equal(11, offline.RowsOf(Clicks));
        Assert.Equal(["topic-0.0000000000000000000-0000000000000000009", "topic-0.0000000000000000010-0000000000000000010"], offline.BatchesOf(Clicks));
    }

    [Fact]
    public async Task An_event_that_is_refused_is_in_neither_store()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.At("offline"));
        using var online = OnlineStore.Open(folder.At("online"), Service);
        await using var sink = await FeatureSink.OpenAsync(online, offline, Clicks, "topic-0");
        var error = await Assert.ThrowsAsync<MlpException>(async () => await sink.PushAsync(new StreamEvent(0, Start, ["someone", 1L])));
        Assert.Equal(FeatureErrors.EventInvalid, error.Code);
        await sink.FlushAsync();
        Assert.Equal(0, offline.RowsOf(Clicks));
        Assert.Equal(0, sink.Position);
    }

    [Fact]
    public async Task A_store_whose_checkpoint_is_another_ones_is_refused()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.At("offline"));
        using (var online = OnlineStore.Open(folder.At("online"), Service))
        await using (var sink = await FeatureSink.OpenAsync(online, offline, Clicks, "topic-0"))
        {
            await sink.RunAsync(new Stream(Events(1, 20)));
        }

        using var other = OnlineStore.Open(folder.At("other"), Service);
        await other.CheckpointAsync(End.AddYears(1));
        var error = await Assert.ThrowsAsync<MlpException>(() => FeatureSink.OpenAsync(other, offline, Clicks, "topic-0"));
        Assert.Equal(FeatureErrors.CountedTwice, error.Code);
        Assert.Contains("topic-0", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => FeatureSink.OpenAsync(other, offline, Departures.Source, "topic-0"));
        await Assert.ThrowsAsync<ArgumentException>(() => FeatureSink.OpenAsync(other, offline, Clicks, "../x"));
        await Assert.ThrowsAsync<ArgumentException>(() => FeatureSinks.OpenAsync(other, offline, []));
        await Assert.ThrowsAsync<ArgumentException>(() => FeatureSinks.OpenAsync(other, offline, [new SinkStream("a", Clicks), new SinkStream("a", Clicks)]));

        // What was refused holds nothing.
        await other.CheckpointAsync();
        await using var fresh = await FeatureSink.OpenAsync(other, offline, Clicks, "topic-1");
        Assert.Equal(0, fresh.Position);
    }

    [Theory]
    [InlineData(StoreDurability.Journal)]
    [InlineData(StoreDurability.PeriodicCheckpoints)]
    public async Task A_store_that_is_durable_by_itself_is_refused_because_its_events_would_be_counted_twice(StoreDurability durability)
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.At("offline"));
        using var online = OnlineStore.Open(folder.At("online"), Service, new OnlineStoreOptions { Durability = durability });
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => FeatureSink.OpenAsync(online, offline, Clicks, "topic-0"));
        Assert.Contains(durability.ToString(), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checkpoints_of_a_store_that_is_fed_are_the_sinks_until_it_has_made_one()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.At("offline"));
        var events = Events(1, 40);
        using (var online = OnlineStore.Open(folder.At("online"), Service))
        {
            await using (var sink = await FeatureSink.OpenAsync(online, offline, Clicks, "topic-0"))
            {
                await sink.RunAsync(new Stream(events[..20]));
                await sink.CheckpointAsync();
                await Assert.ThrowsAsync<InvalidOperationException>(() => online.CheckpointAsync());
                await Assert.ThrowsAsync<InvalidOperationException>(() => online.CheckpointAsync(End));
                await Assert.ThrowsAsync<InvalidOperationException>(() => Materializer.RunAsync(offline, online, End));
                await Assert.ThrowsAsync<InvalidOperationException>(() => FeatureSink.OpenAsync(online, offline, Clicks, "topic-1"));
            }

            // Everything that was fed is in a checkpoint: another one may be made, and another sink opened.
            await online.CheckpointAsync();
            Assert.Equal(FeatureErrors.CountedTwice, (await Assert.ThrowsAsync<MlpException>(() => Materializer.RunAsync(offline, online, End))).Code);
            await using (var sink = await FeatureSink.OpenAsync(online, offline, Clicks, "topic-0"))
            {
                await sink.RunAsync(new Stream(events));
            }

            // Here it is not.
            await Assert.ThrowsAsync<InvalidOperationException>(() => online.CheckpointAsync());
            await Assert.ThrowsAsync<InvalidOperationException>(() => FeatureSink.OpenAsync(online, offline, Clicks, "topic-0"));
        }

        using var opened = OnlineStore.Open(folder.At("online"), Service);
        await using var again = await FeatureSink.OpenAsync(opened, offline, Clicks, "topic-0");
        Assert.Equal(40, again.Position);
        await BothHaveAll(offline, opened, events);
    }

    [Fact]
    public async Task An_online_store_that_was_removed_gets_all_of_the_streams_events_again()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.At("offline"));
        var events = Events(1, 30);
        using (var online = OnlineStore.Open(folder.At("online"), Service))
        await using (var sink = await FeatureSink.OpenAsync(online, offline, Clicks, "topic-0"))
        {
            foreach (var one in events)
            {
                await sink.PushAsync(one);
                if (one.Offset % 10 == 9)
                {
                    await sink.CheckpointAsync();
                }
            }
        }

        Directory.Delete(folder.At("online"), recursive: true);
        using var opened = OnlineStore.Open(folder.At("online"), Service);
        await using var again = await FeatureSink.OpenAsync(opened, offline, Clicks, "topic-0");
        await BothHaveAll(offline, opened, events);
    }

    [Fact]
    public async Task A_stream_goes_on_from_a_materialised_store_also_when_the_process_ends_before_the_first_checkpoint()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.At("offline"));
        var events = Events(1, 30);
        using (var staged = await offline.StageAsync([Column.Timestamp("known_at"), .. Clicks.Columns], AsyncRows.Of(events[..10].Select(e => (FeatureValue[])[e.KnownAt, .. e.Values]))))
        {
            offline.Append(Clicks, "history", staged.Query);
        }

        using (var online = OnlineStore.Open(folder.At("online"), Service))
        {
            await Materializer.RunAsync(offline, online, End);
            await using var sink = await FeatureSink.OpenAsync(online, offline, Clicks, "topic-0");
            foreach (var one in events[10..])
            {
                await sink.PushAsync(one with { Offset = one.Offset - 10 });
            }
        }

        using var opened = OnlineStore.Open(folder.At("online"), Service);
        await using var again = await FeatureSink.OpenAsync(opened, offline, Clicks, "topic-0");
        Assert.Equal(20, again.Position);
        await BothHaveAll(offline, opened, events);
    }

    private static async Task BothHaveAll(OfflineStore offline, OnlineStore online, List<StreamEvent> events)
    {
        Assert.Equal(events.Count, offline.RowsOf(Clicks));
        using var staged = await offline.StageAsync([Column.Integer("user"), Column.Timestamp("moment")], AsyncRows.Of(Enumerable.Range(0, 4).Select(u => (FeatureValue[])[(long)u, End])));
        var batch = Assert.Single(offline.Join(Service, new EntityRows(staged.Query, "moment", Column.Integer("user"))));
        using var reader = online.CreateReader(Service);
        var row = new float[Service.RowLength];
        for (var i = 0; i < batch.Count; i++)
        {
            var user = batch.Integers("user")[i];
            var own = events.Where(e => e.Values[0].Integer == user).ToArray();
            reader.Read([EntityKey.Of(user)], End, row);
            Assert.Equal(own.Length, row[0]);
            Assert.Equal(own.Sum(e => e.Values[1].Integer), row[1]);
            Assert.Equal(batch.Rows.Slice(i * row.Length, row.Length).ToArray(), row);
        }
    }

    // Times go back and forth by up to a day.
    private static List<StreamEvent> Events(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => new StreamEvent(i, Start.AddMinutes(1500 + (i * 5) - random.Next(1440)), [(long)random.Next(4), (long)random.Next(100)]))];
    }

    private sealed class Stream(List<StreamEvent> events) : IEventStream
    {
        public IAsyncEnumerable<StreamEvent> ReadAsync(long from, CancellationToken cancellationToken) => AsyncRows.Of(events.Where(e => e.Offset >= from));
    }

    private sealed class ManualTime : TimeProvider
    {
        private TimerCallback? _callback;
        private object? _state;

        public void Fire() => _callback!(_state);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_callback, _state) = (callback, state);
            return new Timer();
        }

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
