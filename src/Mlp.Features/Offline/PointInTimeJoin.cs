using DuckDB.NET.Data;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>Brings the features of a service, as they were known at each row's time, to rows of entities.</summary>
/// <remarks>
/// Every stored view that comes to integers a tile or to newest rows is a lookup table in time and each edge of a window one ASOF join on it; the value
/// is a difference of two sums. Other windows are merged over frames of tiles (<see cref="WindowJoin"/>) or replayed in order of time (<see cref="WindowReplay"/>). On-demand views are computed while the rows are read, by the very function that serves.
/// </remarks>
internal sealed class PointInTimeJoin
{
    private readonly FeatureService _service;
    private readonly EntityRows _entities;
    private readonly Column[] _columns;
    private readonly (ViewPlan? Plan, WindowJoin? Join, OnDemandView? OnDemand, int Offset)[] _steps;

    public PointInTimeJoin(FeatureService service, EntityRows entities)
    {
        _service = service;
        _entities = entities;
        _columns = entities.Columns.ToArray();
        _steps = new (ViewPlan?, WindowJoin?, OnDemandView?, int)[service.Views.Length];
        var offset = 0;
        for (var i = 0; i < _steps.Length; i++)
        {
            var view = service.Views[i];
            var plan = view is EntityView stored ? ViewPlan.Of(stored, i) : null;
            _steps[i] = (plan, plan?.Window is { IsTiled: true, IsSummable: false } ? new WindowJoin(plan) : null, view as OnDemandView, offset);
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
                View(session, _steps[i], sourceOf(plan.View.Source), $"view{i}", cancellationToken);
                joins.Add($"JOIN view{i} ON requests._row = view{i}._row");
                features.AddRange(Enumerable.Range(0, _steps[i].Join?.Columns ?? plan.Width).Select(f => $"view{i}.f{f}"));
            }
        }

        // The requests' own time and carried columns first, then the stored features in the order of the row.
        var carried = Enumerable.Range(0, _columns.Length).Select(c => $"requests._c{c}");
        var sql = $"SELECT {string.Join(", ", ["requests._us", .. carried, .. features])} FROM requests {string.Join(' ', joins)} ORDER BY requests._row";
        return new BatchReader(_columns, _service.RowLength, batchRows).Read(session.Rows(sql, cancellationToken), ReadFeatures);
    }

    // A table of the requests' row numbers and a view's features, or what they are made of.
    private static void View(DuckSession session, (ViewPlan? Plan, WindowJoin? Join, OnDemandView? OnDemand, int Offset) step, string source, string table, CancellationToken cancellationToken)
    {
        var plan = step.Plan!;
        if (step.Join is { } join)
        {
            join.Run(session, source, table, cancellationToken);
            return;
        }

        if (plan.Window is { IsTiled: false })
        {
            new WindowReplay(plan).Run(session, source, table, cancellationToken);
            return;
        }

        // A view at a time, keys and time alone on its left: what a sort has to carry decides what it costs.
        var columns = ViewSql.Features(plan, "v").Select((feature, f) => $"{feature} AS f{f}");
        TileSums.Execute(session, plan, $"CREATE TEMP TABLE lookup AS {ViewSql.Lookup(plan, source)}", source, "", cancellationToken);
        session.Execute($"CREATE TEMP TABLE {table} AS SELECT requests._row, {string.Join(", ", columns)} FROM (SELECT _row, _us, {ViewSql.Keys(plan)} FROM requests) AS requests {string.Join(' ', ViewSql.Joins(plan, "lookup", "v"))}", cancellationToken);
        session.Execute("DROP TABLE lookup", cancellationToken);
    }

    private string RequestsStatement()
    {
        var keys = _service.Entities.ToArray().SelectMany(e => e.Keys.ToArray()).Distinct(StringComparer.Ordinal).ToArray();
        var selected = keys.Append(_entities.TimeColumn).Concat(_columns.Select(c => c.Name)).Distinct(StringComparer.Ordinal);
        var time = $"epoch_us(CAST({SqlText.Name(_entities.TimeColumn)} AS TIMESTAMP))";
        var carried = _columns.Select((c, i) => $", CAST({SqlText.Name(c.Name)} AS {SqlText.Type(c.Type)}) AS _c{i}");

        // An order that depends on nothing but the rows themselves: the same question gives the same training set.
        var order = string.Join(", ", Enumerable.Range(1, keys.Length + 1 + _columns.Length).Select(i => $"#{i}"));
        return $"CREATE TEMP TABLE requests AS SELECT *, row_number() OVER () AS _row FROM (SELECT {time} AS _us{string.Concat(keys.Select(k => $", {SqlText.Name(k)}"))}{string.Concat(carried)} FROM ({_entities.Query.Select(selected)}) ORDER BY {order})";
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
        foreach (var (plan, join, onDemand, offset) in _steps)
        {
            if (onDemand is not null)
            {
                onDemand.Compute(time, features.Slice(offset, onDemand.FloatCount));
                continue;
            }

            if (join is not null)
            {
                join.Read(reader, ordinal, features.Slice(offset, plan!.Width));
                ordinal += join.Columns;
                continue;
            }

            for (var i = 0; i < plan!.Width; i++)
            {
                features[offset + i] = reader.GetFloat(ordinal++);
            }
        }
    }
}
