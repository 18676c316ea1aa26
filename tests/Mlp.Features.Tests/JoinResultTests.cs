using DuckDB.NET.Data;
using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

public class JoinResultTests
{
    [Fact]
    public void A_file_has_what_the_batches_have_for_views_of_every_kind()
    {
        using var folder = new TemporaryFolder();
        var events = Departures.Events(4, 500);
        var requests = Departures.RequestRows(Departures.Requests(54, 300, events));
        var offline = OfflineStore.Open(folder.At("store"), new OfflineStoreOptions { BatchRows = 64 });
        offline.Append(Departures.Source, "all", Departures.EventQuery(events));
        File.WriteAllText(folder.At("set.parquet"), "replaced");
        Assert.Equal(300, offline.JoinToParquet(Departures.Service, requests, folder.At("set.parquet")));
        var at = 0;
        using var reader = Query($"SELECT moment, origin, {string.Join(", ", Departures.Service.Features.ToArray().Select(f => $"coalesce(\"{f}\"::FLOAT, 'nan'::FLOAT)"))} FROM read_parquet('{folder.At("set.parquet")}')");
        foreach (var batch in offline.Join(Departures.Service, requests))
        {
            for (var row = 0; row < batch.Count; row++, at++)
            {
                Assert.True(reader.Read());
                Assert.Equal(batch.Times[row], reader.GetDateTime(0));
                Assert.Equal(batch.Texts("origin")[row], reader.GetString(1));
                Departures.SameBits(batch.Rows.Slice(row * Departures.Service.RowLength, Departures.Service.RowLength), [.. Enumerable.Range(2, Departures.Service.RowLength).Select(reader.GetFloat)], $"row {at}");
            }
        }

        Assert.Equal(300, at);
        Assert.False(reader.Read());
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task Features_of_every_type_are_in_the_file_with_their_types()
    {
        using var folder = new TemporaryFolder();
        var source = new EventSource("things", "known_at", Column.Integer("id"), Column.Category("state", "on", "off"), Column.Vector("position", 2), Column.List("words", ColumnKind.Text), Column.Of("flag", ColumnKind.Bool).Nullable(), Column.Timestamp("seen"));
        var service = new FeatureService("s", "1", new LatestView("last", new Entity("thing", "id"), source, ["state", "position", "words", "flag", "seen"]));
        var offline = OfflineStore.Open(folder.At("store"));
        offline.Append(source, "b", OfflineQuery.Sql("SELECT TIMESTAMP '2001-01-01' AS known_at, 1 AS id, 'off' AS state, [1, 2] AS position, ['a'] AS words, NULL AS flag, TIMESTAMP '2000-01-01' AS seen"));
        var entities = new EntityRows(OfflineQuery.Sql("SELECT unnest([1, 2]) AS id, TIMESTAMP '2001-02-01' AS moment"), "moment", Column.Integer("id"));
        offline.JoinToParquet(service, entities, folder.At("set.parquet"));
        using (var reader = Query($"SELECT \"last.state\", \"last.position\"::VARCHAR, \"last.words\"::VARCHAR, \"last.flag\", \"last.seen\" FROM read_parquet('{folder.At("set.parquet")}') ORDER BY id"))
        {
            Assert.True(reader.Read());
            Assert.Equal("off|[1.0, 2.0]|[a]", string.Join('|', reader.GetString(0), reader.GetString(1), reader.GetString(2)));
            Assert.True(reader.IsDBNull(3));
            Assert.Equal(new DateTime(2000, 1, 1), reader.GetDateTime(4));
            Assert.True(reader.Read());
            Assert.All(Enumerable.Range(0, 5), i => Assert.True(reader.IsDBNull(i)));
        }

        await foreach (var batch in offline.JoinAsync(service, entities))
        {
            Assert.Equal(1, batch["last.state"].Values<int>()[0]);
            Assert.Equal([1f, 1, 2, float.NaN], batch.Rows[..4].ToArray());
            Assert.Equal([false, true], batch["last.words"].Missing.ToArray());
            Assert.Equal([0, 1, 1], batch["last.words"].ListOffsets.ToArray());
        }
    }

    [Fact]
    public void A_result_that_is_cancelled_or_has_no_place_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        var events = Departures.Events(4, 50);
        var requests = Departures.RequestRows(Departures.Requests(54, 30, events));
        var offline = OfflineStore.Open(folder.At("store"));
        offline.Append(Departures.Source, "all", Departures.EventQuery(events));
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => offline.JoinToParquet(Departures.Service, requests, folder.At("set.parquet"), cancel.Token));
        Assert.Empty(Directory.GetFiles(folder.Path));
        Directory.CreateDirectory(folder.At("taken"));
        var error = Assert.Throws<MlpException>(() => offline.JoinToParquet(Departures.Service, requests, folder.At("taken")));
        Assert.Equal(FeatureErrors.StoreUnavailable, error.Code);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    private static DuckDBDataReader Query(string sql)
    {
        var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteReader(System.Data.CommandBehavior.CloseConnection);
    }
}
