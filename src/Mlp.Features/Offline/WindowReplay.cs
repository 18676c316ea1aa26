using DuckDB.NET.Data;

namespace Mlp.Features;

/// <summary>
/// A windowed view's values at requests' times by the very code that serves: DuckDB brings each entity's events and requests in
/// order of time, and spills what it sorts; an entity's state at a time is in memory here.
/// </summary>
internal sealed class WindowReplay(ViewPlan plan)
{
    private readonly WindowBuffer _state = new(plan.Window!);
    private readonly float[] _missing = MissingRow.Of(plan.View);
    private readonly float[] _row = new float[plan.Width];
    private readonly long[] _words = new long[plan.Window!.Columns.Length];
    private EntityKey _entity;
    private bool _isKnown;

    /// <summary>Makes a table of each request's row number and features, <c>_row</c> and <c>f0…</c>.</summary>
    public void Run(DuckSession session, string source, string table, CancellationToken cancellationToken)
    {
        var columns = Enumerable.Range(0, plan.Width).Select(i => $", f{i} FLOAT");
        session.Execute($"CREATE TABLE {table} (_row BIGINT{string.Concat(columns)})", cancellationToken);
        using var connection = session.SecondConnection();
        using var appender = connection.CreateAppender(table);
        foreach (var row in session.Rows($"{ReplayRows.EventsAndRequests(plan, source)} ORDER BY {ReplayRows.Order(plan)}", cancellationToken))
        {
            var keys = plan.KeyColumns.Length;
            var isWhole = IsWhole(row, keys);
            if (isWhole)
            {
                Enter(ReplayRows.Key(plan, row));
            }

            if (row.GetInt64(keys + 1) != ReplayRows.Request)
            {
                Apply(row);
                continue;
            }

            var features = isWhole && _isKnown && _state.Read(row.GetInt64(keys), _row) ? _row : _missing;
            var appended = appender.CreateRow().AppendValue(row.GetInt64(keys + 2));
            foreach (var feature in features)
            {
                appended.AppendValue(feature);
            }

            appended.EndRow();
        }

        appender.Close();
    }

    private static bool IsWhole(DuckDBDataReader row, int keys)
    {
        for (var k = 0; k < keys; k++)
        {
            if (row.IsDBNull(k))
            {
                return false;
            }
        }

        return true;
    }

    private void Enter(EntityKey entity)
    {
        if (_entity != entity)
        {
            _entity = entity;
            _isKnown = false;
        }
    }

    private void Apply(DuckDBDataReader row)
    {
        if (!_isKnown)
        {
            _state.Clear();
            _isKnown = true;
        }

        var one = ReplayRows.Event(plan, row);
        ReplayRows.Words(plan, row, _words);
        var outcome = _state.Change(one, _words, out var overflowing);
        if (outcome is not (WindowOutcome.Changed or WindowOutcome.TooLate))
        {
            throw WindowRefusal.Of(outcome, plan.Window!, _entity.ToString(), one.Micros, overflowing);
        }
    }
}
