using Mlp.Core;

namespace Mlp.Features;

/// <summary>Brings the features of a service, as they were known at each row's time, to rows of entities.</summary>
/// <remarks>
/// Of a latest view each event, of a windowed one each edge of a window is looked up by an ASOF join; a window's value is a difference
/// of two sums. On-demand views are computed while the rows are read, by the very function that serves.
/// </remarks>
internal sealed class PointInTimeJoin
{
    private readonly FeatureService _service;
    private readonly EntityRows _entities;
    private readonly Column[] _columns;
    private readonly ViewPlan[] _plans;

    public PointInTimeJoin(FeatureService service, EntityRows entities)
    {
        _service = service;
        _entities = entities;
        _columns = entities.Columns.ToArray();
        _plans = [.. service.Views.ToArray().OfType<EntityView>().Select(ViewPlan.Of)];
    }

    /// <summary>Runs the join.</summary>
    /// <param name="session">A session of its own.</param>
    /// <param name="events">The sources' events.</param>
    /// <param name="batchRows">Rows in a batch.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public IEnumerable<FeatureBatch> Run(DuckSession session, EventTables events, int batchRows, CancellationToken cancellationToken)
    {
        MakeTables(session, events, cancellationToken);
        var carried = _columns.Select((c, i) => ColumnSql.Read(c, $"requests._c{i}"));
        var features = _plans.SelectMany(p => p.View.Schema.Columns.ToArray().Select((c, f) => ColumnSql.Read(c, $"view{p.Id}.f{f}")));
        var sql = $"SELECT {string.Join(", ", ["requests._us", .. carried, .. features])} FROM {Joined} ORDER BY requests._row";
        return new BatchReader(_columns, _service.Views.ToArray(), batchRows).Read(session.Chunks(sql, cancellationToken));
    }

    private string Joined => $"requests {string.Join(' ', _plans.Select(p => $"JOIN view{p.Id} ON requests._row = view{p.Id}._row"))}";

    private void MakeTables(DuckSession session, EventTables events, CancellationToken cancellationToken)
    {
        session.Execute(RequestsStatement(), cancellationToken);
        RequireTimes(session, cancellationToken);
        HoldSpans(session, events, cancellationToken);
        var ties = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var plan in _plans)
        {
            // A view at a time, keys and time alone on its left: what a sort has to carry decides what it costs.
            var requests = $"(SELECT _row, _us, {ViewSql.Keys(plan)} FROM requests)";
            var source = events.Of(plan.View.Source);
            if (plan.Windowed)
            {
                var columns = ViewSql.Features(plan, "v").Select((feature, f) => $"{feature} AS f{f}");
                TileSums.Execute(session, plan, $"CREATE TEMP TABLE lookup AS {ViewSql.Lookup(plan, source)}", source, "", cancellationToken);
                session.Execute($"CREATE TEMP TABLE view{plan.Id} AS SELECT requests._row, {string.Join(", ", columns)} FROM {requests} AS requests {string.Join(' ', ViewSql.Joins(plan, "lookup", "v"))}", cancellationToken);
                session.Execute("DROP TABLE lookup", cancellationToken);
                continue;
            }

            var tied = Tied(session, plan, source, ties, cancellationToken);
            session.Execute($"CREATE TEMP TABLE view{plan.Id} AS {LatestSql.Features(plan, requests, source, tied is null ? null : $"({LatestSql.Decided(plan, tied)})")}", cancellationToken);
        }
    }

    // Views of one source and entity share it.
    private static string? Tied(DuckSession session, ViewPlan plan, string source, Dictionary<string, string?> ties, CancellationToken cancellationToken)
    {
        var name = $"{plan.View.Source.Name}({ViewSql.Keys(plan)})";
        if (!ties.TryGetValue(name, out var table))
        {
            table = $"tied{ties.Count}";
            session.Execute($"CREATE TEMP TABLE {table} AS {LatestSql.Tied(plan.View.Entity.Keys.ToArray(), source)}", cancellationToken);
            table = session.Number($"SELECT count(*) FROM {table}", cancellationToken) > 0 ? table : null;
            ties.Add(name, table);
        }

        return table;
    }

    // No event at the last request's time or later is seen, and none that is too old for the first.
    private void HoldSpans(DuckSession session, EventTables events, CancellationToken cancellationToken)
    {
        var first = session.Number("SELECT coalesce(min(_us), 0) FROM requests", cancellationToken);
        var last = session.Number("SELECT coalesce(max(_us), 0) FROM requests", cancellationToken);
        foreach (var views in _plans.GroupBy(p => p.View.Source))
        {
            var age = views.Max(p => p.Windowed ? long.MaxValue : p.TimeToLiveMicros);
            events.Hold(views.Key, age > first - FeatureTime.MicrosMin ? long.MinValue : first - age, last);
        }
    }

    private string RequestsStatement()
    {
        var keys = _plans.SelectMany(p => p.KeyColumns.Select(k => p.View.Source.Columns[k])).DistinctBy(k => k.Name).ToArray();
        var selected = keys.Select(k => k.Name).Append(_entities.TimeColumn).Concat(_columns.Select(c => c.Name)).Distinct(StringComparer.Ordinal);
        var time = $"epoch_us(CAST({SqlText.Name(_entities.TimeColumn)} AS TIMESTAMP))";
        var carried = _columns.Select((c, i) => $", {Carried(c)} AS _c{i}");
        var typed = keys.Select(k => $", CAST({SqlText.Name(k.Name)} AS {ColumnSql.Type(k)}) AS {SqlText.Name(k.Name)}");

        // An order that depends on nothing but the rows themselves: the same question gives the same training set.
        var order = string.Join(", ", Enumerable.Range(1, keys.Length + 1 + _columns.Length).Select(i => $"#{i}"));
        return $"CREATE TEMP TABLE requests AS SELECT *, row_number() OVER () AS _row FROM (SELECT {time} AS _us{string.Concat(typed)}{string.Concat(carried)} FROM ({_entities.Query.Select(selected)}) ORDER BY {order})";
    }

    private static string Carried(Column column) => column.Type is { IsScalar: true, Kind: ColumnKind.Half }
        ? $"{DuckSession.HalfFunction}(CAST({SqlText.Name(column.Name)} AS DOUBLE))"
        : $"CAST({SqlText.Name(column.Name)} AS {ColumnSql.Type(column)})";

    private void RequireTimes(DuckSession session, CancellationToken cancellationToken)
    {
        var wrong = session.Number($"SELECT count(*) FROM requests WHERE {SqlText.NoTime("_us")}", cancellationToken);
        if (wrong > 0)
        {
            throw new MlpException(FeatureErrors.EntityInvalid, $"{wrong} row(s) of entities have no time in '{_entities.TimeColumn}', or one outside of the years 1 to 9999; every row needs one to be joined at.");
        }
    }
}
