using System.Numerics;
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
    /// <returns>Changes made: tiles and newest rows, and of views that are replayed events.</returns>
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
            TileSums.Execute(session, plan, $"CREATE TEMP TABLE {table} AS {Statement(plan, events, where)}", events, where, cancellationToken);
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

    private static string Statement(ViewPlan plan, string events, string where) =>
        plan.Window is null ? ViewSql.LatestRows(plan, events, where)
        : plan.Window.IsTiled ? ViewSql.Tiles(plan, events, where)
        : ReplayRows.Events(plan, events, where);

    // An entity's tiles or events one after another and in order: its record is at hand, and each tile is appended at its end.
    private static string Changes(ViewPlan plan, string table)
    {
        var keys = ViewSql.Keys(plan);
        return plan.Window is null ? $"SELECT {keys}, us, {string.Join(", ", Enumerable.Range(0, plan.Width).Select(i => $"v{i}"))} FROM {table} ORDER BY {keys}, us"
            : plan.Window.IsTiled ? $"SELECT {keys}, _tile, {string.Join(", ", plan.Window.Sums.Select((_, i) => $"a{i}").Concat(TileSql.Words(plan.Window)))} FROM {table} ORDER BY {keys}, _tile"
            : $"SELECT * FROM {table} ORDER BY {ReplayRows.Order(plan)}";
    }

    private static void Feed(OnlineStore online, ViewPlan plan, DuckDBDataReader row)
    {
        var keys = plan.KeyColumns.Length;
        var key = ReplayRows.Key(plan, row);
        var time = row.GetInt64(keys);
        if (plan.Window is { IsTiled: true } tiled)
        {
            Span<long> delta = stackalloc long[tiled.DeltaWords];
            Delta(tiled, row, keys + 1, delta);
            online.LoadTile(plan, key, time, delta);
            return;
        }

        if (plan.Window is { } window)
        {
            Span<long> words = stackalloc long[window.Columns.Length];
            ReplayRows.Words(plan, row, words);
            online.LoadEvent(plan, key, ReplayRows.Event(plan, row), words);
            return;
        }

        Span<float> values = stackalloc float[plan.Width];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = row.GetFloat(keys + 1 + i);
        }

        online.LoadRow(plan, key, time, values);
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
