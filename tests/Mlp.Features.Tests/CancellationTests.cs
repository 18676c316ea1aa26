using DuckDB.NET.Data;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

public class CancellationTests
{
    // Years of work for any machine, in no memory.
    private const string Endless = "(SELECT max(hash(i)) FROM range(1000000000000000) AS t(i))";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task An_append_that_is_cancelled_stops_and_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.Path);
        offline.Append(Departures.Source, "all", Departures.EventQuery(Departures.Events(1, 10)));
        var digest = offline.DigestOf(Departures.Source);
        var endless = OfflineQuery.Sql($"SELECT TIMESTAMP '2001-01-01' AS known_at, 'A' AS origin, 'B' AS destination, CASE WHEN {Endless} > 0 THEN 1 ELSE 2 END AS delay, 0.5 AS load");
        await IsCancelled(folder, token => offline.Append(Departures.Source, "all", endless, token));
        Assert.Equal(digest, offline.DigestOf(Departures.Source));
        Assert.Single(Directory.GetFiles(folder.At("departures"), "*.parquet", SearchOption.AllDirectories));
        Assert.Equal(5, offline.Append(Departures.Source, "all", Departures.EventQuery(Departures.Events(1, 5))));
    }

    [Fact]
    public async Task A_join_that_is_cancelled_from_another_thread_stops()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.Path);
        offline.Append(Departures.Source, "all", Departures.EventQuery(Departures.Events(1, 10)));
        var endless = new EntityRows(OfflineQuery.Sql($"SELECT 'SEA' AS origin, 'BOS' AS destination, TIMESTAMP '2001-01-01' AS moment WHERE {Endless} > 0"), "moment");
        await IsCancelled(folder, token => offline.Join(Departures.Service, endless, token).Count());
    }

    [Fact]
    public async Task A_cancellation_just_before_a_statement_begins_ends_it_too()
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {Endless}";
        using var cancel = new CancellationTokenSource();
        using var interruption = new Interruption(connection.NativeConnection, cancel.Token);
        cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Run(command.ExecuteScalar).WaitAsync(Patience));
    }

    [Fact]
    public void Rows_that_are_read_one_by_one_stop_at_a_cancellation_between_two_batches()
    {
        using var folder = new TemporaryFolder();
        var events = Departures.Events(1, 200);
        var offline = OfflineStore.Open(folder.Path, new OfflineStoreOptions { BatchRows = 10 });
        offline.Append(Departures.Source, "all", Departures.EventQuery(events));
        foreach (var question in (Func<CancellationToken, IEnumerable<FeatureBatch>>[])[
            token => offline.Join(Departures.Service, Departures.RequestRows(Departures.Requests(1, 50, events)), token),
            token => offline.Replay(Departures.Source, Departures.Start, Departures.Start.AddDays(14), token)])
        {
            using var cancel = new CancellationTokenSource();
            using var batches = question(cancel.Token).GetEnumerator();
            Assert.True(batches.MoveNext());
            cancel.Cancel();
            Assert.ThrowsAny<OperationCanceledException>(() => batches.MoveNext());
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.At("spill")));
    }

    [Fact]
    public async Task A_materialisation_that_is_cancelled_before_it_has_loaded_leaves_the_store_as_it_was()
    {
        using var folder = new TemporaryFolder();
        var events = Departures.Events(1, 200);
        var offline = OfflineStore.Open(folder.At("offline"));
        offline.Append(Departures.Source, "all", Departures.EventQuery(events));
        using var online = OnlineStore.Open(folder.At("online"), Departures.Service);
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Materializer.RunAsync(offline, online, Departures.Start.AddDays(14), cancellationToken: cancel.Token));
        Assert.True(await Materializer.RunAsync(offline, online, Departures.Start.AddDays(14)) > 0);
    }

    [Fact]
    public async Task A_materialisation_that_is_cancelled_while_it_loads_leaves_the_last_checkpoint()
    {
        using var folder = new TemporaryFolder();
        var events = Departures.Events(1, 9000);
        DateTime middle = Departures.Start.AddHours(7), end = Departures.Start.AddDays(14);
        var offline = OfflineStore.Open(folder.At("offline"));
        offline.Append(Departures.Source, "all", Departures.EventQuery(events));
        using (var online = OnlineStore.Open(folder.At("online"), Departures.Service))
        {
            await Materializer.RunAsync(offline, online, middle);
            using var cancel = new CancellationTokenSource();
            var progress = new CancelAtOnce(cancel);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Materializer.RunAsync(offline, online, end, progress, cancel.Token));
            Assert.InRange(progress.Last, 0.01, 0.99);
        }

        using var again = OnlineStore.Open(folder.At("online"), Departures.Service);
        Assert.Equal(middle, again.CompleteUntil);
        await Materializer.RunAsync(offline, again, end);
        using var reader = again.CreateReader(Departures.Service);
        var request = new Departures.Request(end, "SEA", "BOS");
        var row = new float[Departures.Service.RowLength];
        reader.Read(request.Keys, request.Time, row);
        Departures.SameBits(Departures.ByDefinition(events, request), row, $"{request}");
    }

    // Cancels at many moments of a question's start, at each of which it has to stop.
    private static async Task IsCancelled(TemporaryFolder folder, Func<CancellationToken, long> run)
    {
        for (var moment = 0; moment < 40; moment++)
        {
            using var cancel = new CancellationTokenSource();
            var running = Task.Run(() => run(cancel.Token));
            SpinWait.SpinUntil(() => running.IsCompleted || (Directory.Exists(folder.At("spill")) && Directory.EnumerateDirectories(folder.At("spill")).Any()));
            Thread.SpinWait(moment * 5_000);
            cancel.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Patience));
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.At("spill")));
    }

    private sealed class CancelAtOnce(CancellationTokenSource cancel) : IProgress<double>
    {
        public double Last { get; private set; }

        public void Report(double value)
        {
            Last = value;
            cancel.Cancel();
        }
    }
}
