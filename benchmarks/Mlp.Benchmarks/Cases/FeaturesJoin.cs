using System.Globalization;
using DuckDB.NET.Data;
using Mlp.Features;

namespace Mlp.Benchmarks;

/// <summary>The point-in-time join of a latest view: the offline store against DuckDB's ASOF join over the very same Parquet files.</summary>
internal sealed class FeaturesJoin : IBenchmark
{
    private const int AllEvents = 10_000_000;
    private const int QuickEvents = 1_000_000;
    private const int EventsARequest = 10;
    private const int EventsAnEntity = 100;
    private const long MemoryBytes = 4L << 30;
    private static readonly string[] Names = ["a", "b", "c", "d"];

    public string Name => "features.join";

    public string Settings => $"4 features of the newest event of one of 100 k entities, 10 M events and 1 M requests ({QuickEvents / 1_000_000} M and 0.1 M quickly); the offline store, its index of ties made, against DuckDB's ASOF LEFT JOIN of the store's own Parquet files, both {Environment.ProcessorCount} threads and 4 GiB";

    public IReadOnlyList<Figure> Run(Effort effort, Action<string> say)
    {
        var events = effort == Effort.Full ? AllEvents : effort.Of(QuickEvents);
        var folder = Directory.CreateTempSubdirectory("mlp-bench-").FullName;
        try
        {
            var (store, service) = Store(folder, events);
            var requests = Path.Combine(folder, "requests.parquet");
            using var peer = new DuckDBConnection("DataSource=:memory:");
            peer.Open();
            Execute(peer, $"SET threads = {Environment.ProcessorCount}; SET memory_limit = '{MemoryBytes}B'; SET temp_directory = '{Path.Combine(folder, "peer")}'");
            Execute(peer, $"COPY (SELECT {Moment("hash(i + 77)", events)} AS moment, CAST(hash(i * 3 + 5) % {events / EventsAnEntity} AS BIGINT) AS id, i AS label FROM range({events / EventsARequest}) AS t(i)) TO '{requests}' (FORMAT parquet)");
            var entities = new EntityRows(OfflineQuery.Parquet(requests), "moment", Column.Integer("id"), Column.Integer("label"));
            var select = $"SELECT requests.moment, requests.id, requests.label, {string.Join(", ", Names.Select(n => $"events.{n}"))} FROM read_parquet('{requests}') AS requests ASOF LEFT JOIN read_parquet('{folder}/store/readings/**/*.parquet') AS events ON requests.id = events.id AND requests.moment > events.known_at";
            var (ours, theirs) = (Path.Combine(folder, "ours.parquet"), Path.Combine(folder, "theirs.parquet"));
            void OursToParquet() => store.JoinToParquet(service, entities, ours);
            void TheirsToParquet() => Execute(peer, $"COPY ({select}) TO '{theirs}' (FORMAT parquet, COMPRESSION zstd)");
            OursToParquet();
            TheirsToParquet();
            Check(peer, ours, theirs, events / EventsARequest);
            var peerName = $"DuckDB {PeerVersion.Of("DuckDB.NET.Data.Full")}";
            return
            [
                Figure.OfCost(Name, "to Parquet", SideBySide.MeasureWhole(effort, OursToParquet, TheirsToParquet, 1), peerName, "s"),
                Figure.OfCost(Name, "to rows", SideBySide.MeasureWhole(effort, () => Sum(store.Join(service, entities)), () => Sum(peer, select), 1), peerName, "s"),
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (OfflineStore Store, FeatureService Service) Store(string folder, int events)
    {
        var source = new EventSource("readings", "known_at", [Column.Integer("id"), .. Names.Select(Column.Number)]);
        var service = new FeatureService("bench", "1", new LatestView("last", new Entity("thing", "id"), source, Names));
        var store = OfflineStore.Open(Path.Combine(folder, "store"), new OfflineStoreOptions { MemoryBytesMax = MemoryBytes });
        var values = Names.Select((n, i) => $"CAST(i % {1009 + (i * 12)} AS DOUBLE) / 4 AS {n}");
        store.Append(source, "all", OfflineQuery.Sql($"SELECT {Moment("i", events)} AS known_at, CAST(hash(i) % {events / EventsAnEntity} AS BIGINT) AS id, {string.Join(", ", values)} FROM range({events}) AS t(i)"));
        return (store, service);
    }

    // Every event at a time of its own, half a year in all: where there are ties, plain ASOF takes any.
    private static string Moment(string number, int events) =>
        string.Create(CultureInfo.InvariantCulture, $"TIMESTAMP '2001-01-01' + to_microseconds(CAST(({number}) % {events} AS BIGINT) * {15_552_000_000_000L / events})");

    private static void Check(DuckDBConnection peer, string ours, string theirs, int rows)
    {
        var features = string.Join(", ", Names.Select(n => $"\"last.{n}\""));
        var differing = Number(peer, $"SELECT count(*) FROM (SELECT moment, id, label, {features} FROM read_parquet('{ours}') EXCEPT ALL SELECT * FROM read_parquet('{theirs}'))");
        if (differing != 0 || Number(peer, $"SELECT count(*) FROM read_parquet('{ours}')") != rows || Number(peer, $"SELECT count(a) FROM read_parquet('{theirs}')") == 0)
        {
            throw new WrongAnswerException($"{differing} of {rows} rows differ.");
        }
    }

    private static void Sum(IEnumerable<FeatureBatch> batches)
    {
        double sum = 0;
        foreach (var batch in batches)
        {
            foreach (var value in batch.Rows)
            {
                sum += value;
            }
        }

        GC.KeepAlive(sum);
    }

    // As a user of DuckDB.NET reads rows, streaming.
    private static void Sum(DuckDBConnection peer, string select)
    {
        using var command = peer.CreateCommand();
        command.CommandText = select;
        command.UseStreamingMode = true;
        using var reader = command.ExecuteReader();
        double sum = 0;
        while (reader.Read())
        {
            sum += reader.GetInt64(1) + reader.GetInt64(2);
            for (var f = 0; f < Names.Length; f++)
            {
                sum += reader.IsDBNull(3 + f) ? double.NaN : reader.GetDouble(3 + f);
            }
        }

        GC.KeepAlive(sum);
    }

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Number(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
