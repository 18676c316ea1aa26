using Mlp.Core;
using Mlp.Features.PostgreSql;
using Mlp.Features.Tests.Scenarios;
using Npgsql;

namespace Mlp.Features.Tests;

public class PostgresTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    private static readonly Column KnownAt = Column.Timestamp("known_at");

    private static readonly EventSource Things = new("things", "known_at",
        Column.Integer("id"), Column.Of("flag", ColumnKind.Bool).Nullable(), Column.Of("small", ColumnKind.UInt8), Column.Of("big", ColumnKind.UInt64), Column.Float("ratio"), Column.Number("level"),
        Column.Text("name"), Column.Category("state", "on", "off"), Column.Of("key", ColumnKind.Guid), Column.Vector("position", 2), Column.List("words", ColumnKind.Text), Column.Timestamp("seen"));

    [Fact]
    public async Task Events_and_entities_come_from_a_real_server_with_their_types()
    {
        using var folder = new TemporaryFolder();
        await using var database = server.Open();
        await Execute(database, "CREATE TABLE things (known_at timestamptz, id bigint, flag boolean, small smallint, big numeric, ratio real, level double precision, name text, state text, key uuid, position double precision[], words text[], seen date)");
        await Execute(database, "INSERT INTO things VALUES ('2001-01-01 02:00:00+02', 7, NULL, 255, 18446744073709551615, 0.1, 'NaN', 'ünï', 'off', '00000000-0000-0000-0000-000000000001', '{0.5,1}', '{a,b}', '2000-12-31'), ('2001-02-01 00:00:00+00', 8, true, 0, 1, 'Infinity', 0.25, '', 'on', '00000000-0000-0000-0000-000000000002', '{2,3}', '{}', '2000-12-30')");
        var offline = OfflineStore.Open(folder.At("store"));
        using (var staged = await PostgresRows.StageAsync(offline, database, "SELECT * FROM things", [KnownAt, .. Things.Columns.ToArray()]))
        {
            Assert.Equal(2, offline.Append(Things, "all", staged.Query));
        }

        var batch = Assert.Single(offline.Replay(Things, DateTime.MinValue, DateTime.MaxValue));
        Assert.Equal(new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc), batch.Times[0]);
        Assert.Equal([true, false], batch["flag"].Missing.ToArray());
        Assert.Equal([255, 0], batch["small"].Values<byte>().ToArray());
        Assert.Equal([ulong.MaxValue, 1UL], batch["big"].Values<ulong>().ToArray());
        Assert.Equal([0.1f, float.PositiveInfinity], batch["ratio"].Values<float>().ToArray());
        Assert.Equal([double.NaN, 0.25], batch.Numbers("level").ToArray());
        Assert.Equal(["ünï", ""], batch.Texts("name").ToArray());
        Assert.Equal([1, 0], batch["state"].Values<int>().ToArray());
        Assert.Equal(new Guid(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), batch["key"][0].Guid);
        Assert.Equal([0.5f, 1, 2, 3], batch["position"].Values<float>().ToArray());
        Assert.Equal(["a", "b"], batch["words"].Values<string>().ToArray());
        Assert.Equal(new DateTime(2000, 12, 31), batch["seen"].Values<DateTime>()[0]);

        var service = new FeatureService("s", "1", new LatestView("last", new Entity("thing", "id"), Things, ["level"]));
        using var entities = await PostgresRows.StageAsync(offline, database, "SELECT 8::bigint AS id, timestamp '2001-03-01' AS moment", [Column.Integer("id"), Column.Timestamp("moment")]);
        Assert.Equal([0.25f], Assert.Single(offline.Join(service, new EntityRows(entities.Query, "moment"))).Rows.ToArray());
    }

    [Theory]
    [InlineData("SELECT 1 AS other", FeatureErrors.QueryFailed, "other")]
    [InlineData("SELEC", FeatureErrors.QueryFailed, "SELEC")]
    [InlineData("SELECT 'one' AS id", FeatureErrors.EventInvalid, "int64")]
    [InlineData("SELECT NULL::bigint AS id", FeatureErrors.EventInvalid, "not nullable")]
    [InlineData("SELECT 1 / 0 AS id", FeatureErrors.QueryFailed, "zero")]
    public async Task A_query_that_does_not_fit_is_a_typed_error_and_leaves_nothing(string select, string code, string named)
    {
        using var folder = new TemporaryFolder();
        await using var database = server.Open();
        var offline = OfflineStore.Open(folder.At("store"));
        var error = await Assert.ThrowsAsync<MlpException>(() => PostgresRows.StageAsync(offline, database, select, [Column.Integer("id")]));
        Assert.Equal(code, error.Code);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(folder.At("store"), "spill")));
    }

    [Fact]
    public async Task A_query_that_is_cancelled_ends_in_the_database_too()
    {
        using var folder = new TemporaryFolder();
        await using var database = server.Open();
        using var cancel = new CancellationTokenSource();
        var offline = OfflineStore.Open(folder.At("store"));
        async IAsyncEnumerable<FeatureValue[]> Rows()
        {
            await foreach (var row in PostgresRows.ReadAsync(database, "SELECT generate_series(1, 50000000) AS id", [Column.Integer("id")], cancel.Token))
            {
                if (row[0].Integer == 1000)
                {
                    await cancel.CancelAsync();
                }

                yield return row;
            }
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => offline.StageAsync([Column.Integer("id")], Rows(), cancel.Token));
        await using var command = database.CreateCommand("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%generate_series%' AND pid <> pg_backend_pid() AND state = 'active'");
        while ((long)(await command.ExecuteScalarAsync())! > 0)
        {
            await Task.Yield();
        }
    }

    private static async Task Execute(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
