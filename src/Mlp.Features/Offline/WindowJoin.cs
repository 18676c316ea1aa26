using System.Numerics;
using DuckDB.NET.Data;

namespace Mlp.Features;

/// <summary>
/// A windowed view's integers at requests' times by SQL alone: sums are differences of what an ASOF join finds at the window's edges, first and last values are
/// there as well, and the smallest and largest are merged over a frame of tiles. What becomes a feature of them is computed here, by the function that serves.
/// </summary>
internal sealed class WindowJoin(ViewPlan plan)
{
    private readonly WindowPlan _window = plan.Window!;
    private readonly Int128[] _sums = new Int128[plan.Window!.Sums.Length];
    private readonly long[] _states = new long[plan.Window!.StateWords];

    private readonly float[] _features = new float[plan.Width];

    /// <summary>Makes a table of each request's row number and features, <c>_row</c> and <c>f0…</c>.</summary>
    public void Run(DuckSession session, string source, string table, CancellationToken cancellationToken)
    {
        var keys = ViewSql.Keys(plan);
        TileSums.Execute(session, plan, $"CREATE TEMP TABLE tiles AS {ViewSql.Tiles(plan, source, "")}", source, "", cancellationToken);
        TileSums.Execute(session, plan, $"CREATE TEMP TABLE lookup AS {ViewSql.Running(plan, "tiles")}", source, "", cancellationToken);
        var states = "";
        if (_window.MinStates + _window.MaxStates > 0)
        {
            session.Execute($"CREATE TEMP TABLE states AS {States()}", cancellationToken);
            states = " JOIN states ON requests._row = states._row";
        }

        var columns = Enumerable.Range(0, _window.Windows.Length)
            .SelectMany(w => Enumerable.Range(0, _sums.Length).Select(s => ViewSql.Difference("v", s, w)).Concat(StateColumns(w)))
            .Select((column, i) => $", {column} AS f{i}");
        using (var features = new FeatureTable(session, table, plan.Width, cancellationToken))
        {
            foreach (var row in session.Rows($"SELECT requests._row{string.Concat(columns)} FROM (SELECT rowid AS _row, _us, {keys} FROM requests) AS requests {string.Join(' ', ViewSql.Joins(plan, "lookup", "v"))}{states}", cancellationToken))
            {
                Read(row, 1, _features);
                features.Append(row.GetInt64(0), _features);
            }
        }

        session.Execute($"DROP TABLE tiles; DROP TABLE lookup; DROP TABLE IF EXISTS states", cancellationToken);
    }

    private void Read(DuckDBDataReader row, int ordinal, Span<float> features)
    {
        var window = -1;
        foreach (ref readonly var reading in _window.Readings.AsSpan())
        {
            // Readings of one window stand together, the windows in their order; and each window has one.
            if (reading.Window != window)
            {
                window = reading.Window;
                for (var s = 0; s < _sums.Length; s++)
                {
                    _sums[s] = s < _window.Narrow ? row.GetInt64(ordinal++) : (Int128)row.GetFieldValue<BigInteger>(ordinal++);
                }

                StateWords.Read(_window, row, ordinal, _states);
                ordinal += _states.Length;
            }

            features[reading.Feature] = FeatureValues.Of(reading, _sums, _states);
        }
    }

    // A first or last value that was found is the window's if its time lies in it.
    private IEnumerable<string> StateColumns(int window)
    {
        var tile = SqlText.Tile("requests._us", _window.TileMicros);
        var micros = SqlText.Literal(_window.TileMicros);
        for (var s = 0; s < _window.States.Length; s++)
        {
            if (_window.States[s].Words == 1)
            {
                yield return $"states.w{window}s{s}";
                continue;
            }

            var isLast = _window.States[s].Kind == AggregateKind.Last;
            var found = isLast ? $"v_e.s{s}" : $"v_f{window}.s{s}";
            var isIn = isLast ? $"{found}.t >= ({tile} - {SqlText.Literal(_window.Windows[window])}) * {micros}" : $"{found}.t < {tile} * {micros}";
            yield return $"CASE WHEN {isIn} THEN {found}.t END";
            yield return $"CASE WHEN {isIn} THEN {found}.v END";
        }
    }

    // Tiles and requests in one table: of a request's row, the frame is its window.
    private string States()
    {
        var theirs = ViewSql.RequestedKeys(plan);
        var merging = Enumerable.Range(0, _window.MinStates + _window.MaxStates).ToArray();
        var all = $"SELECT {ViewSql.Keys(plan)}, _tile, CAST(NULL AS BIGINT) AS _row, {string.Join(", ", merging.Select(s => $"s{s}"))} FROM tiles UNION ALL SELECT {theirs}, {SqlText.Tile("_us", _window.TileMicros)}, rowid, {string.Join(", ", merging.Select(_ => "NULL"))} FROM requests";
        var merged = Enumerable.Range(0, _window.Windows.Length).SelectMany(w => merging.Select(s => $", {TileSql.Aggregate(_window.States[s])}(s{s}) OVER w{w} AS w{w}s{s}"));
        var frames = _window.Windows.Select((tiles, w) => $"w{w} AS (PARTITION BY {ViewSql.Keys(plan)} ORDER BY _tile RANGE BETWEEN {SqlText.Literal(tiles)} PRECEDING AND 1 PRECEDING)");
        return $"SELECT * FROM (SELECT _row{string.Concat(merged)} FROM ({all}) WINDOW {string.Join(", ", frames)}) WHERE _row IS NOT NULL";
    }
}
