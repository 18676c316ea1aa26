using System.Buffers;
using System.Numerics;
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
    /// checkpoint. A view that was added to the store since gets all events from the first on. Interrupted, it leaves the last checkpoint: open the store again and repeat.
    /// </summary>
    /// <param name="offline">Where the events are.</param>
    /// <param name="online">Where they go.</param>
    /// <param name="until">Exclusive, UTC.</param>
    /// <param name="progress">How much is done, 0 to 1.</param>
    /// <param name="cancellationToken">Stops it; the online store then has to be opened again.</param>
    /// <returns>Changes made: tiles and newest rows, and of views that are replayed events.</returns>
    /// <exception cref="MlpException">
    /// <see cref="FeatureErrors.QueryFailed"/>: a source holds nothing or its files are damaged; <see cref="FeatureErrors.SumOverflow"/>: a sum does not fit into 64 bits; <see cref="FeatureErrors.CountedTwice"/>: events were pushed
    /// since the last checkpoint, or come from a sink.
    /// </exception>
    /// <exception cref="InvalidOperationException">A sink feeds the store.</exception>
    public static async Task<long> RunAsync(OfflineStore offline, OnlineStore online, DateTime until, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(offline);
        ArgumentNullException.ThrowIfNull(online);
        online.RequireNoStreams();
        var from = online.CompleteUntil is { } complete ? FeatureTime.Micros(complete) : long.MinValue;
        var to = FeatureTime.Micros(until);
        if (from >= to)
        {
            if (!online.Plans.Any(online.IsAdded))
            {
                return 0;
            }

            // Views that were added come to where the others are.
            (to, until) = (from, FeatureTime.FromMicros(from));
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
            history.Hold(plan.View.Source, online.Plans.Any(p => p.View.Source == plan.View.Source && online.IsAdded(p)) ? long.MinValue : from, to);
            var events = history.Of(plan.View.Source);
            var where = FormattableString.Invariant($" WHERE _us >= {(online.IsAdded(plan) ? long.MinValue : from)} AND _us < {to}");
            TileSums.Execute(session, plan, $"CREATE TEMP TABLE {table} AS {Statement(plan, events, where)}", events, where, cancellationToken);
            tables.Add((plan, table));
            total += session.Number($"SELECT count(*) FROM {table}", cancellationToken);
        }

        long done = 0;
        online.Load(from, to, () =>
        {
            foreach (var (plan, table) in tables)
            {
                foreach (var loaded in plan.Window is not null ? LoadWindows(online, plan, session, table, cancellationToken) : LoadRows(online, plan, session, table, cancellationToken))
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

    private static string Statement(ViewPlan plan, string events, string where) =>
        plan.Window is null ? LatestSql.Newest(plan, ViewSql.Standing(plan, events), where)
        : plan.Window.IsTiled ? ViewSql.Tiles(plan, events, where)
        : ReplayRows.Events(plan, events, where);

    // An entity's tiles or events one after another and in order: its record is at hand, and each tile is appended at its end.
    private static IEnumerable<long> LoadWindows(OnlineStore online, ViewPlan plan, DuckSession session, string table, CancellationToken cancellationToken)
    {
        var names = ViewSql.Keys(plan);
        var window = plan.Window!;
        var loaded = 0L;
        var sql = window.IsTiled
            ? $"SELECT {names}, _tile, {string.Join(", ", window.Sums.Select((_, i) => $"a{i}").Concat(TileSql.Words(window)))} FROM {table} ORDER BY {names}, _tile"
            : $"SELECT * FROM {table} ORDER BY {ReplayRows.Order(plan)}";
        var words = new long[window.IsTiled ? window.DeltaWords : window.Columns.Length];
        foreach (var row in session.Rows(sql, cancellationToken))
        {
            var key = ReplayRows.Key(plan, row);
            if (window.IsTiled)
            {
                Delta(window, row, plan.KeyColumns.Length + 1, words);
                online.LoadTile(plan, key, row.GetInt64(plan.KeyColumns.Length), words);
            }
            else
            {
                ReplayRows.Words(plan, row, words);
                online.LoadEvent(plan, key, ReplayRows.Event(plan, row), words);
            }

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

    private static void Delta(WindowPlan plan, DuckDBDataReader row, int ordinal, Span<long> delta)
    {
        var at = 0;
        for (var s = 0; s < plan.Sums.Length; s++)
        {
            if (!plan.Sums[s].IsWide)
            {
                delta[at++] = row.GetInt64(ordinal++);
                continue;
            }

            var wide = (Int128)row.GetFieldValue<BigInteger>(ordinal++);
            delta[at++] = (long)(ulong)wide;
            delta[at++] = (long)(wide >> 64);
        }

        StateWords.Read(plan, row, ordinal, delta[at..]);
    }
}
