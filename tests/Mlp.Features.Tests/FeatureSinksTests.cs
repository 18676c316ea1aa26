using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>Several streams, of several sources and of several partitions of one, into one online store.</summary>
public class FeatureSinksTests
{
    private static readonly EventSource Clicks = new("clicks", "known_at", Column.Integer("user"), Column.Integer("amount"));
    private static readonly EventSource Profiles = new("profiles", "known_at", Column.Integer("user"), Column.Text("city"), Column.Integer("level"));
    private static readonly Entity User = new("user", "user");
    private static readonly FeatureService Service = new("s", "1",
        new WindowedView("sums", User, Clicks, TimeSpan.FromMinutes(1), TimeSpan.FromDays(2), Aggregate.Count(TimeSpan.FromDays(4)), Aggregate.Sum("amount", TimeSpan.FromDays(4))),
        new LatestView("profile", User, Profiles, ["level"]),
        new WindowedView("moves", User, Profiles, TimeSpan.FromMinutes(1), TimeSpan.FromDays(2), Aggregate.Count(TimeSpan.FromDays(4))));
    private static readonly SinkStream[] Streams = [new("clicks-0", Clicks), new("clicks-1", Clicks), new("profiles", Profiles)];
    private static readonly DateTime Start = new(2001, 1, 30, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime End = Start.AddDays(3);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whenever_a_crash_comes_every_durable_event_of_every_stream_is_in_both_stores_once(int seed)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(seed);
        var events = Streams.Select((s, i) => Events((seed * 10) + i, s.Source, 70)).ToArray();
        for (int crashes = 0, isDone = 0; isDone == 0;)
        {
            var offline = OfflineStore.Open(folder.At("offline"));
            using var online = OnlineStore.Open(folder.At("online"), Service);
            var sinks = await FeatureSinks.OpenAsync(online, offline, Streams, new FeatureSinkOptions { BufferEventsMax = 20, FlushAfter = TimeSpan.FromDays(1) });
            Assert.Equal(sinks.All.Sum(s => s.Position), offline.RowsOf(Clicks) + offline.RowsOf(Profiles));
            var isCrashed = false;
            while (!isCrashed && sinks.All.Where((s, i) => s.Position < events[i].Count).ToArray() is { Length: > 0 } open)
            {
                var sink = open[random.Next(open.Length)];
                Assert.True(await sink.PushAsync(events[Array.FindIndex(Streams, s => s.Name == sink.Stream)][(int)sink.Position]));
                switch (random.Next(50))
                {
                    case 0: await sink.FlushAsync(); break;
                    case 1: await sinks.CheckpointAsync(); break;
                    case 2: isCrashed = crashes++ < 15; break;
                    case 3: isCrashed = await FailsAtAStep(online, sink, (CheckpointStep)random.Next(6)); break;
                }
            }

            if (!isCrashed)
            {
                isDone = 1;
                await sinks.DisposeAsync();
                await BothHaveAll(offline, online, [.. events[0], .. events[1]], events[2]);
            }
        }
    }

    [Fact]
    public async Task Streams_are_fed_beside_each_other_while_checkpoints_are_made()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.At("offline"));
        var events = Streams.Select((s, i) => Events(i, s.Source, 150)).ToArray();
        using (var online = OnlineStore.Open(folder.At("online"), Service))
        {
            await using var sinks = await FeatureSinks.OpenAsync(online, offline, Streams, new FeatureSinkOptions { BufferEventsMax = 25 });
            var feeding = sinks.All.Select((sink, i) => Task.Run(async () =>
            {
                foreach (var one in events[i])
                {
                    await sink.PushAsync(one);
                }
            })).ToArray();
            for (var i = 0; i < 3; i++)
            {
                await sinks.CheckpointAsync();
            }

            await Task.WhenAll(feeding);
        }

        using var opened = OnlineStore.Open(folder.At("online"), Service);
        await using var again = await FeatureSinks.OpenAsync(opened, offline, Streams);
        Assert.All(again.All, s => Assert.Equal(150, s.Position));
        await BothHaveAll(offline, opened, [.. events[0], .. events[1]], events[2]);
    }

    [Fact]
    public async Task A_view_that_no_stream_brings_is_refused_and_a_stream_that_is_left_out_keeps_its_place()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.At("offline"));
        var events = Streams.Select((s, i) => Events(i, s.Source, 20)).ToArray();
        using var online = OnlineStore.Open(folder.At("online"), Service);
        var error = await Assert.ThrowsAsync<ArgumentException>(() => FeatureSinks.OpenAsync(online, offline, Streams[..2]));
        Assert.Contains("'profiles'", error.Message, StringComparison.Ordinal);
        await using (var all = await FeatureSinks.OpenAsync(online, offline, Streams))
        {
            Assert.Throws<ArgumentException>(() => all["clicks-2"]);
            foreach (var sink in all.All)
            {
                foreach (var one in events[Array.FindIndex(Streams, s => s.Name == sink.Stream)])
                {
                    await sink.PushAsync(one);
                }
            }

            await all.CheckpointAsync();
        }

        await using (var fewer = await FeatureSinks.OpenAsync(online, offline, [Streams[0], Streams[2]]))
        {
            await fewer.CheckpointAsync();
        }

        await using var again = await FeatureSinks.OpenAsync(online, offline, Streams);
        Assert.All(again.All, s => Assert.Equal(20, s.Position));
        await BothHaveAll(offline, online, [.. events[0], .. events[1]], events[2]);
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

    private static async Task BothHaveAll(OfflineStore offline, OnlineStore online, List<StreamEvent> clicks, List<StreamEvent> profiles)
    {
        Assert.Equal(clicks.Count, offline.RowsOf(Clicks));
        Assert.Equal(profiles.Count, offline.RowsOf(Profiles));
        using var staged = await offline.StageAsync([Column.Integer("user"), Column.Timestamp("moment")], AsyncRows.Of(Enumerable.Range(0, 4).Select(u => (FeatureValue[])[(long)u, End])));
        var batch = Assert.Single(offline.Join(Service, new EntityRows(staged.Query, "moment", Column.Integer("user"))));
        using var reader = online.CreateReader(Service);
        var row = new float[Service.RowLength];
        for (var i = 0; i < batch.Count; i++)
        {
            var user = batch.Integers("user")[i];
            var own = clicks.Where(e => e.Values[0].Integer == user).ToArray();
            reader.Read([EntityKey.Of(user)], End, row);
            Assert.Equal(own.Length, row[0]);
            Assert.Equal(own.Sum(e => e.Values[1].Integer), row[1]);
            Assert.Equal(profiles.Count(e => e.Values[0].Integer == user), row[3]);
            Assert.Equal(batch.Rows.Slice(i * row.Length, row.Length).ToArray(), row);
        }
    }

    // Times go back and forth by up to a day.
    private static List<StreamEvent> Events(int seed, EventSource source, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => new StreamEvent(i, Start.AddMinutes(1500 + (i * 5) - random.Next(1440)),
            source == Clicks ? [(long)random.Next(4), (long)random.Next(100)] : [(long)random.Next(4), "Oslo", (long)random.Next(9)]))];
    }
}
