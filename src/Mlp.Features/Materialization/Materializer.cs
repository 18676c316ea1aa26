using DuckDB.NET.Data;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>Brings history from the offline store into the online store, from where the last materialisation ended.</summary>
public static class Materializer
{
    private const int ReportEveryRows = 1 << 14;

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
            var events = history.Of(plan.View.Source);
            var where = FormattableString.Invariant($" WHERE _us >= {from} AND _us < {to}");
            TileSums.Execute(session, plan, $"CREATE TEMP TABLE {table} AS {(plan.Windowed ? ViewSql.Tiles(plan, events, where) : ViewSql.LatestRows(plan, events, where))}", events, where, cancellationToken);
            tables.Add((plan, table));
            total += session.Number($"SELECT count(*) FROM {table}", cancellationToken);
        }

        long done = 0;
        online.Load(from, to, () =>
        {
            foreach (var (plan, table) in tables)
            {
                foreach (var row in session.Rows(Changes(plan, table), cancellationToken))
                {
                    Feed(online, plan, row);
                    if (++done % ReportEveryRows == 0)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        progress?.Report((double)done / total);
                    }
                }
            }
        });
        progress?.Report(1);
        return done;
    }

    // An entity's tiles one after another and in order: its record is at hand, and each tile is appended at its end.
    private static string Changes(ViewPlan plan, string table)
    {
        var keys = ViewSql.Keys(plan);
        return plan.Windowed
            ? $"SELECT {keys}, tile, {string.Join(", ", plan.Accumulators.Select((_, i) => $"a{i}"))} FROM {table} ORDER BY {keys}, tile"
            : $"SELECT {keys}, us, {string.Join(", ", Enumerable.Range(0, plan.Width).Select(i => $"v{i}"))} FROM {table} ORDER BY {keys}, us";
    }

    private static void Feed(OnlineStore online, ViewPlan plan, DuckDBDataReader row)
    {
        var keys = plan.KeyColumns.Length;
        var key = Key(plan, row);
        var time = row.GetInt64(keys);
        if (plan.Windowed)
        {
            Span<long> sums = stackalloc long[plan.Accumulators.Length];
            for (var i = 0; i < sums.Length; i++)
            {
                sums[i] = row.GetInt64(keys + 1 + i);
            }

            online.LoadTile(plan, key, time, sums);
            return;
        }

        Span<float> values = stackalloc float[plan.Width];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = row.GetFloat(keys + 1 + i);
        }

        online.LoadRow(plan, key, time, values);
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
