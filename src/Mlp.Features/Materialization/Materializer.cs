using System.Buffers;
using DuckDB.NET.Data;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>Brings history from the offline store into the online store, from where the last materialisation ended.</summary>
public static class Materializer
{
    private const int ReportEveryRows = 1 << 14;

    private static readonly Column Created = Column.Timestamp("created").Nullable();

    /// <summary>
    /// Feeds all events that became known since the store's <see cref="OnlineStore.CompleteUntil"/> and before a time, and makes a
    /// checkpoint. Interrupted, it leaves the last checkpoint: open the store again and repeat.
    /// </summary>
    /// <param name="offline">Where the events are.</param>
    /// <param name="online">Where they go.</param>
    /// <param name="until">Exclusive, UTC.</param>
    /// <param name="progress">How much is done, 0 to 1.</param>
    /// <param name="cancellationToken">Stops it; the online store then has to be opened again.</param>
    /// <returns>Records changed: tiles and newest rows.</returns>
    /// <exception cref="MlpException">
    /// <see cref="FeatureErrors.QueryFailed"/>: a source holds nothing or its files are damaged; <see cref="FeatureErrors.SumOverflow"/>: a sum does not fit into 64 bits; <see cref="FeatureErrors.CountedTwice"/>: events were pushed
    /// since the last checkpoint.
    /// </exception>
    public static async Task<long> RunAsync(OfflineStore offline, OnlineStore online, DateTime until, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(offline);
        ArgumentNullException.ThrowIfNull(online);
        var from = online.CompleteUntil is { } complete ? FeatureTime.Micros(complete) : long.MinValue;
        var to = FeatureTime.Micros(until);
        if (from >= to)
        {
            return 0;
        }

        var changed = await Task.Run(() => Load(offline, online, from, to, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
        await online.CheckpointAsync(until, cancellationToken).ConfigureAwait(false);
        return changed;
    }

    private static long Load(OfflineStore offline, OnlineStore online, long from, long to, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        using var history = offline.OpenEvents();
        using var session = offline.OpenSession();

        // The tables are made first: what fails here has not touched the store.
        var tables = new List<(ViewPlan Plan, string Table)>();
        long total = 0;
        foreach (var plan in online.Plans)
        {
            var table = $"changes{plan.Id}";
            history.Hold(plan.View.Source, from, to);
            var events = history.Of(plan.View.Source);
            var where = FormattableString.Invariant($" WHERE _us >= {from} AND _us < {to}");
            TileSums.Execute(session, plan, $"CREATE TEMP TABLE {table} AS {(plan.Windowed ? ViewSql.Tiles(plan, events, where) : LatestSql.Newest(plan, events, where))}", events, where, cancellationToken);
            tables.Add((plan, table));
            total += session.Number($"SELECT count(*) FROM {table}", cancellationToken);
        }

        long done = 0;
        online.Load(from, to, () =>
        {
            foreach (var (plan, table) in tables)
            {
                foreach (var loaded in plan.Windowed ? LoadTiles(online, plan, session, table, cancellationToken) : LoadRows(online, plan, session, table, cancellationToken))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    done += loaded;
                    progress?.Report((double)done / total);
                }
            }
        });
        progress?.Report(1);
        return done;
    }

    // An entity's tiles one after another and in order: its record is at hand, and each tile is appended at its end.
    private static IEnumerable<long> LoadTiles(OnlineStore online, ViewPlan plan, DuckSession session, string table, CancellationToken cancellationToken)
    {
        var (names, keys, loaded) = (ViewSql.Keys(plan), plan.KeyColumns.Length, 0L);
        var sums = new long[plan.Accumulators.Length];
        foreach (var row in session.Rows($"SELECT {names}, tile, {string.Join(", ", plan.Accumulators.Select((_, i) => $"a{i}"))} FROM {table} ORDER BY {names}, tile", cancellationToken))
        {
            for (var i = 0; i < sums.Length; i++)
            {
                sums[i] = row.GetInt64(keys + 1 + i);
            }

            online.LoadTile(plan, Key(plan, row), row.GetInt64(keys), sums);
            if (++loaded == ReportEveryRows)
            {
                yield return loaded;
                loaded = 0;
            }
        }

        yield return loaded;
    }

    private static IEnumerable<long> LoadRows(OnlineStore online, ViewPlan plan, DuckSession session, string table, CancellationToken cancellationToken)
    {
        var keyColumns = plan.KeyColumns.Select(k => plan.View.Source.Columns[k]).ToArray();
        var names = ViewSql.Keys(plan);
        var values = string.Join(", ", plan.View.Schema.Columns.ToArray().Select((c, i) => ColumnSql.Read(c, $"v{i}")));
        var reader = new BatchReader([.. keyColumns, Created], [plan.View], ReportEveryRows);
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var batch in reader.Read(session.Chunks($"SELECT _us, {names}, created, {values} FROM {table} ORDER BY {names}, _us", cancellationToken)))
        {
            var key = new FeatureValue[keyColumns.Length];
            var row = new FeatureValue[batch.Features.Length];
            for (var r = 0; r < batch.Count; r++)
            {
                Take(batch.Carried[..key.Length], r, key);
                Take(batch.Features, r, row);
                bytes.ResetWrittenCount();
                RowCodec.Encode(plan.View.Schema, row, bytes);
                var created = batch.Carried[key.Length];
                online.LoadRow(plan, EntityKey.Of(key), FeatureTime.Micros(batch.Times[r]), created.IsMissing(r) ? long.MinValue : FeatureTime.Micros(created.Values<DateTime>()[r]), bytes.WrittenSpan);
            }

            yield return batch.Count;
        }
    }

    private static void Take(ReadOnlySpan<FeatureColumn> columns, int row, Span<FeatureValue> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = columns[i][row];
        }
    }

    private static EntityKey Key(ViewPlan plan, DuckDBDataReader row)
    {
        if (plan.KeyColumns.Length == 1)
        {
            return EntityKey.Of([KeyValue(plan, row, 0)]);
        }

        var values = new FeatureValue[plan.KeyColumns.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = KeyValue(plan, row, i);
        }

        return EntityKey.Of(values);
    }

    private static FeatureValue KeyValue(ViewPlan plan, DuckDBDataReader row, int key) => plan.View.Source.Columns[plan.KeyColumns[key]].Type.Kind switch
    {
        ColumnKind.Int64 => row.GetInt64(key),
        ColumnKind.Guid => row.GetGuid(key),
        _ => row.GetString(key),
    };
}
