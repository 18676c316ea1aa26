using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

public class PointInTimeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_join_gives_what_the_definition_says_to_the_bit(int seed)
    {
        using var folder = new TemporaryFolder();
        var events = Departures.Events(seed, 900);
        var requests = Departures.Requests(seed + 50, 400, events);
        var offline = OfflineStore.Open(folder.Path);
        offline.Append(Departures.Source, "all", Departures.EventQuery(events));

        var r = 0;
        foreach (var batch in offline.Join(Departures.Service, Departures.RequestRows(requests)))
        {
            for (var i = 0; i < batch.Count; i++, r++)
            {
                Assert.Equal(requests[r].Time, batch.Times[i]);
                Assert.Equal(requests[r].Origin, batch.Texts("origin")[i]);
                Departures.SameBits(Departures.ByDefinition(events, requests[r]), batch.Rows.Slice(i * Departures.Service.RowLength, Departures.Service.RowLength), $"{requests[r]}");
            }
        }

        Assert.Equal(requests.Count, r);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void Streaming_gives_the_same_bits_as_the_join(int seed)
    {
        using var folder = new TemporaryFolder();
        var events = Departures.Events(seed, 1500);
        var requests = Departures.Requests(seed + 50, 500, events);
        var offline = OfflineStore.Open(folder.At("offline"));
        offline.Append(Departures.Source, "all", Departures.EventQuery(events));
        using var store = OnlineStore.Open(folder.At("online"), Departures.Service);
        using var reader = store.CreateReader(Departures.Service);
        Span<float> row = stackalloc float[Departures.Service.RowLength];
        int e = 0, r = 0;
        foreach (var batch in offline.Join(Departures.Service, Departures.RequestRows(requests)))
        {
            for (var i = 0; i < batch.Count; i++, r++)
            {
                while (e < events.Count && events[e].KnownAt < requests[r].Time)
                {
                    Departures.Push(store, events[e++]);
                }

                Assert.NotEqual(FeatureReadStatus.TooOld, reader.Read(requests[r].Keys, requests[r].Time, row));
                Departures.SameBits(batch.Rows.Slice(i * Departures.Service.RowLength, Departures.Service.RowLength), row, $"{requests[r]}");
            }
        }

        Assert.Equal(requests.Count, r);
    }

    [Theory]
    [InlineData(21, 1)]
    [InlineData(22, 2)]
    [InlineData(23, 5)]
    public async Task Materialising_in_steps_gives_the_same_bits_as_the_join(int seed, int steps)
    {
        using var folder = new TemporaryFolder();
        var events = Departures.Events(seed, 1200);
        var until = Departures.Start.AddDays(14);
        var requests = Departures.Requests(seed + 50, 200, events).Select(q => q with { Time = until }).Distinct().OrderBy(q => q.Origin, StringComparer.Ordinal).ThenBy(q => q.Destination, StringComparer.Ordinal).ToList();
        var offline = OfflineStore.Open(folder.At("offline"));
        offline.Append(Departures.Source, "all", Departures.EventQuery(events));
        for (var step = 1; step <= steps; step++)
        {
            // Every step opens the folder anew, as a job on a timer does.
            using var store = OnlineStore.Open(folder.At("online"), Departures.Service);
            var changed = await Materializer.RunAsync(offline, store, Departures.Start.AddDays(14.0 * step / steps));
            Assert.True(changed > 0);
            Assert.Equal(0, await Materializer.RunAsync(offline, store, Departures.Start.AddDays(14.0 * step / steps)));
        }

        using var opened = OnlineStore.Open(folder.At("online"), Departures.Service);
        using var reader = opened.CreateReader(Departures.Service);
        Assert.Equal(until, opened.CompleteUntil);
        var batch = Assert.Single(offline.Join(Departures.Service, Departures.RequestRows(requests)));
        var rows = new float[requests.Count * Departures.Service.RowLength];
        reader.ReadMany([.. requests.SelectMany(q => q.Keys)], until, rows);
        for (var i = 0; i < requests.Count; i++)
        {
            Departures.SameBits(batch.Rows.Slice(i * Departures.Service.RowLength, Departures.Service.RowLength), rows.AsSpan(i * Departures.Service.RowLength, Departures.Service.RowLength), $"{requests[i]}");
        }
    }

    [Fact]
    public async Task History_is_not_counted_again_over_events_that_were_pushed()
    {
        using var folder = new TemporaryFolder();
        var events = Departures.Events(3, 200);
        var offline = OfflineStore.Open(folder.At("offline"));
        offline.Append(Departures.Source, "all", Departures.EventQuery(events));
        var middle = events[100].KnownAt.AddSeconds(1);
        using var store = OnlineStore.Open(folder.At("online"), Departures.Service);
        await Materializer.RunAsync(offline, store, middle);
        var pushed = events.First(e => e.KnownAt >= middle);
        Departures.Push(store, pushed);
        var error = await Assert.ThrowsAsync<MlpException>(() => Materializer.RunAsync(offline, store, Departures.Start.AddDays(14)));
        Assert.Equal(FeatureErrors.CountedTwice, error.Code);

        // Behind a checkpoint of the stream it goes on, and comes to what the join says.
        await store.CheckpointAsync(pushed.KnownAt.AddSeconds(1));
        await Materializer.RunAsync(offline, store, Departures.Start.AddDays(14));
        var request = new Departures.Request(Departures.Start.AddDays(14), pushed.Origin, pushed.Destination);
        using var reader = store.CreateReader(Departures.Service);
        var row = new float[Departures.Service.RowLength];
        reader.Read(request.Keys, request.Time, row);
        Departures.SameBits(Departures.ByDefinition(events, request), row, $"{request}");
    }

    [Fact]
    public void A_replay_gives_the_events_of_a_span_in_the_order_in_which_they_became_known()
    {
        using var folder = new TemporaryFolder();
        var events = Departures.Events(9, 300);
        var offline = OfflineStore.Open(folder.Path, new OfflineStoreOptions { BatchRows = 64 });
        offline.Append(Departures.Source, "all", Departures.EventQuery(events.AsEnumerable().Reverse()));
        DateTime from = events[50].KnownAt, until = events[250].KnownAt;
        var replayed = offline.Replay(Departures.Source, from, until).SelectMany(b => Enumerable.Range(0, b.Count)
            .Select(i => new Departures.Event(b.Times[i], b.Texts("origin")[i], b.Texts("destination")[i], (int)b.Integers("delay")[i], b.Numbers("load")[i]))).ToList();
        Assert.Equal(events.Where(e => e.KnownAt >= from && e.KnownAt < until).OrderBy(e => (e.KnownAt, e.Origin, e.Destination, e.Delay)), replayed);
    }

    [Fact]
    public void A_batch_appended_again_is_replaced_and_a_second_one_is_added()
    {
        using var folder = new TemporaryFolder();
        var events = Departures.Events(5, 100);
        var offline = OfflineStore.Open(folder.Path);
        Assert.Null(offline.DigestOf(Departures.Source));
        Assert.Equal(60, offline.Append(Departures.Source, "first", Departures.EventQuery(events.Take(60))));
        var digest = offline.DigestOf(Departures.Source);
        offline.Append(Departures.Source, "first", Departures.EventQuery(events.Take(60).Reverse()));
        Assert.Equal(60, offline.RowsOf(Departures.Source));
        Assert.Equal(digest, offline.DigestOf(Departures.Source));
        offline.Append(Departures.Source, "second", Departures.EventQuery(events.Skip(60)));
        Assert.Equal(100, offline.RowsOf(Departures.Source));
        Assert.NotEqual(digest, offline.DigestOf(Departures.Source));
        Assert.Equal(2, Directory.GetFiles(folder.At("departures"), "*.parquet", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public void An_event_without_a_value_is_refused_and_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.Path);
        offline.Append(Departures.Source, "good", Departures.EventQuery(Departures.Events(1, 10)));
        var bad = OfflineQuery.Sql("SELECT TIMESTAMP '2001-01-01' AS known_at, 'SEA' AS origin, 'BOS' AS destination, NULL AS delay, 0.5 AS load");
        var error = Assert.Throws<MlpException>(() => offline.Append(Departures.Source, "bad", bad));
        Assert.Equal(FeatureErrors.EventInvalid, error.Code);
        Assert.Contains("'delay'", error.Message, StringComparison.Ordinal);
        Assert.Equal(10, offline.RowsOf(Departures.Source));
        Assert.Single(Directory.GetFiles(folder.At("departures"), "*.parquet", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(folder.At("departures"), "*.tmp"));
    }

    [Fact]
    public void A_wrong_query_and_an_empty_source_are_typed_errors()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.Path);
        var wrong = Assert.Throws<MlpException>(() => offline.Append(Departures.Source, "x", OfflineQuery.Parquet(folder.At("it's not there.parquet"))));
        Assert.Equal(FeatureErrors.QueryFailed, wrong.Code);
        Assert.Contains("it''s not there", wrong.Message, StringComparison.Ordinal);
        var empty = Assert.Throws<MlpException>(() => offline.Join(Departures.Service, Departures.RequestRows(Departures.Requests(1, 3, Departures.Events(1, 10)))).ToList());
        Assert.Contains("holds no event of 'departures'", empty.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_with_other_columns_than_its_folder_is_refused()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.Path);
        offline.Append(Departures.Source, "good", Departures.EventQuery(Departures.Events(1, 10)));
        var other = new EventSource("departures", "known_at", Column.Text("origin"), Column.Text("delay"));
        var error = Assert.Throws<MlpException>(() => offline.RowsOf(other));
        Assert.Equal(FeatureErrors.SchemaMismatch, error.Code);
        Assert.Contains("~ delay: int64 -> delay: text (older values are int64", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_join_that_does_not_fit_into_its_memory_is_spilled_and_gives_the_same()
    {
        using var folder = new TemporaryFolder();
        var many = OfflineQuery.Sql("SELECT TIMESTAMP '2001-01-01' + to_seconds(i * 7) AS known_at, 'A' || (i % 977) AS origin, 'B' || (i % 31) AS destination, i % 200 AS delay, 0.5 AS load FROM range(400000) AS t(i)");
        var entities = new EntityRows(many, "known_at", Column.Text("destination"));
        ulong Digest(OfflineStoreOptions options, string name)
        {
            var offline = OfflineStore.Open(folder.At(name), options);
            offline.Append(Departures.Source, "all", many);
            var digest = 14695981039346656037UL;
            long rows = 0;
            foreach (var batch in offline.Join(Departures.Service, entities))
            {
                rows += batch.Count;
                foreach (var value in batch.Rows)
                {
                    digest = (digest ^ (float.IsNaN(value) ? 1u : BitConverter.SingleToUInt32Bits(value))) * 1099511628211UL;
                }
            }

            Assert.Equal(400_000, rows);
            return digest;
        }

        var ample = Digest(new OfflineStoreOptions(), "ample");
        Assert.Equal(ample, Digest(new OfflineStoreOptions { MemoryBytesMax = 100L << 20 }, "tight"));

        // Nothing to spill into: the limit is named.
        var error = Assert.Throws<MlpException>(() => Digest(new OfflineStoreOptions { MemoryBytesMax = 100L << 20, SpillBytesMax = 0 }, "none"));
        Assert.Equal(FeatureErrors.QueryFailed, error.Code);
    }

    [Fact]
    public void A_join_that_is_cancelled_stops()
    {
        using var folder = new TemporaryFolder();
        var events = Departures.Events(1, 200);
        var offline = OfflineStore.Open(folder.Path);
        offline.Append(Departures.Source, "all", Departures.EventQuery(events));
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => offline.Join(Departures.Service, Departures.RequestRows(Departures.Requests(1, 50, events)), cancel.Token).Count());
        Assert.False(Directory.Exists(folder.At("spill")) && Directory.EnumerateFileSystemEntries(folder.At("spill")).Any());
    }
}
