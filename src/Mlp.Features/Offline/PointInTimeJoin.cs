using DuckDB.NET.Data;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>Brings the features of a service, as they were known at each row's time, to rows of entities.</summary>
/// <remarks>
/// Every stored view is a lookup table in time and each edge of a window one ASOF join on it; the value is a difference of two
/// sums. On-demand views are computed while the rows are read, by the very function that serves.
/// </remarks>
internal sealed class PointInTimeJoin
{
    private readonly FeatureService _service;
    private readonly EntityRows _entities;
    private readonly Column[] _columns;
    private readonly (ViewPlan? Plan, int Offset)[] _steps;
    private readonly float[] _request;

    public PointInTimeJoin(FeatureService service, EntityRows entities)
    {
        _service = service;
        _entities = entities;
        _columns = entities.Columns.ToArray();
        service.RequireCode();
        _request = new float[service.RequestColumns.Length];
        _steps = new (ViewPlan?, int)[service.Views.Length];
        var offset = 0;
        for (var i = 0; i < _steps.Length; i++)
        {
            var view = service.Views[i];
            _steps[i] = (view is EntityView stored ? ViewPlan.Of(stored, i) : null, offset);
            offset += view.FloatCount;
        }
    }

    /// <summary>Runs the join.</summary>
    /// <param name="session">A session of its own.</param>
    /// <param name="sourceOf">The name of a table with a source's events, made in the session.</param>
    /// <param name="batchRows">Rows in a batch.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public IEnumerable<FeatureBatch> Run(DuckSession session, Func<EventSource, string> sourceOf, int batchRows, CancellationToken cancellationToken)
    {
        session.Execute(RequestsStatement(), cancellationToken);
        RequireTimes(session, cancellationToken);
        var joins = new List<string>();
        var features = new List<string>();
        for (var i = 0; i < _steps.Length; i++)
        {
            if (_steps[i].Plan is { } plan)
            {
                // A view at a time, keys and time alone on its left: what a sort has to carry decides what it costs.
                var source = sourceOf(plan.View.Source);
                var columns = ViewSql.Features(plan, "v").Select((feature, f) => $"{feature} AS f{f}");
                TileSums.Execute(session, plan, $"CREATE TEMP TABLE lookup AS {ViewSql.Lookup(plan, source)}", source, "", cancellationToken);
                session.Execute($"CREATE TEMP TABLE view{i} AS SELECT requests._row, {string.Join(", ", columns)} FROM (SELECT _row, _us, {ViewSql.Keys(plan)} FROM requests) AS requests {string.Join(' ', ViewSql.Joins(plan, "lookup", "v"))}", cancellationToken);
                session.Execute("DROP TABLE lookup", cancellationToken);
                joins.Add($"JOIN view{i} ON requests._row = view{i}._row");
                features.AddRange(Enumerable.Range(0, plan.Width).Select(f => $"view{i}.f{f}"));
            }
        }

        // The requests' own time and carried columns first, then what on-demand views want of them, then the stored features in the order of the row.
        var carried = Enumerable.Range(0, _columns.Length).Select(c => $"requests._c{c}").Concat(Enumerable.Range(0, _request.Length).Select(q => $"requests._q{q}"));
        var sql = $"SELECT {string.Join(", ", ["requests._us", .. carried, .. features])} FROM requests {string.Join(' ', joins)} ORDER BY requests._row";
        return new BatchReader(_columns, _service.RowLength, batchRows).Read(session.Rows(sql, cancellationToken), ReadFeatures);
    }

    private string RequestsStatement()
    {
        var keys = _service.Entities.ToArray().SelectMany(e => e.Keys.ToArray()).Distinct(StringComparer.Ordinal).ToArray();
        var selected = keys.Append(_entities.TimeColumn).Concat(_columns.Select(c => c.Name)).Concat(_service.RequestColumns.ToArray()).Distinct(StringComparer.Ordinal);
        var time = $"epoch_us(CAST({SqlText.Name(_entities.TimeColumn)} AS TIMESTAMP))";
        var carried = _columns.Select((c, i) => $", CAST({SqlText.Name(c.Name)} AS {SqlText.Type(c.Type)}) AS _c{i}");
        var requested = _service.RequestColumns.ToArray().Select((name, i) => $", {ViewSql.Float(SqlText.Name(name))} AS _q{i}");

        // An order that depends on nothing but the rows themselves: the same question gives the same training set.
        var order = string.Join(", ", Enumerable.Range(1, keys.Length + 1 + _columns.Length + _request.Length).Select(i => $"#{i}"));
        return $"CREATE TEMP TABLE requests AS SELECT *, row_number() OVER () AS _row FROM (SELECT {time} AS _us{string.Concat(keys.Select(k => $", {SqlText.Name(k)}"))}{string.Concat(carried)}{string.Concat(requested)} FROM ({_entities.Query.Select(selected)}) ORDER BY {order})";
    }

    private void RequireTimes(DuckSession session, CancellationToken cancellationToken)
    {
        var wrong = session.Number($"SELECT count(*) FROM requests WHERE {SqlText.NoTime("_us")}", cancellationToken);
        if (wrong > 0)
        {
            throw new MlpException(FeatureErrors.EntityInvalid, $"{wrong} row(s) of entities have no time in '{_entities.TimeColumn}', or one outside of the years 1 to 9999; every row needs one to be joined at.");
        }
    }

    private void ReadFeatures(DuckDBDataReader reader, int ordinal, DateTime time, Span<float> features)
    {
        for (var q = 0; q < _request.Length; q++, ordinal++)
        {
            _request[q] = reader.IsDBNull(ordinal) ? float.NaN : reader.GetFloat(ordinal);
        }

        foreach (var (plan, offset) in _steps)
        {
            for (var i = 0; i < (plan?.Width ?? 0); i++)
            {
                features[offset + i] = reader.GetFloat(ordinal++);
            }
        }

        foreach (var onDemand in _service.OnDemand)
        {
            onDemand.Run(time, features, _request);
        }
    }
}
