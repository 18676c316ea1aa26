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
        return Read(session, batchRows, cancellationToken);
    }

    /// <summary>Runs the join, for a statement that gives its rows: the time, what is carried along and the features, each under its name.</summary>
    public string Statement(DuckSession session, EventTables events, int batchRows, CancellationToken cancellationToken)
    {
        MakeTables(session, events, cancellationToken);
        var (computed, stored) = (0, 0);
        var features = new List<string>();
        foreach (var view in _service.Views)
        {
            foreach (var column in view.Schema.Columns)
            {
                var value = view is EntityView ? $"view{_plans[stored].Id}.f{view.Schema.IndexOf(column.Name)}" : $"computed.f{computed++}";
                features.Add($"{value} AS {SqlText.Name($"{view.Name}.{column.Name}")}");
            }

            stored += view is EntityView ? 1 : 0;
        }

        if (computed > 0)
        {
            Compute(session, computed, batchRows, cancellationToken);
        }

        var carried = _columns.Select((c, i) => $"requests._c{i} AS {SqlText.Name(c.Name)}");
        var join = computed > 0 ? " JOIN computed ON requests._row = computed._row" : "";
        return $"SELECT {string.Join(", ", [$"make_timestamp(requests._us) AS {SqlText.Name(_entities.TimeColumn)}", .. carried, .. features])} FROM {Joined}{join} ORDER BY requests._row";
    }

    private IEnumerable<FeatureBatch> Read(DuckSession session, int batchRows, CancellationToken cancellationToken)
    {
        var carried = _columns.Select((c, i) => ColumnSql.Read(c, $"requests._c{i}"));
        var features = _plans.SelectMany(p => p.View.Schema.Columns.ToArray().Select((c, f) => ColumnSql.Read(c, $"view{p.Id}.f{f}")));
        var sql = $"SELECT {string.Join(", ", ["requests._us", .. carried, .. features])} FROM {Joined} ORDER BY requests._row";
        return new BatchReader(_columns, _service.Views.ToArray(), batchRows).Read(session.Chunks(sql, cancellationToken));
    }

    // What views compute from the request, by the very function that serves; rows come in their order and are numbered from 1 on.
    private void Compute(DuckSession session, int width, int batchRows, CancellationToken cancellationToken)
    {
        session.Execute($"CREATE TABLE computed (_row BIGINT, {string.Join(", ", Enumerable.Range(0, width).Select(f => $"f{f} FLOAT"))})", cancellationToken);
        using var other = session.Beside();
        using var appender = other.CreateAppender("computed");
        var names = _service.Views.ToArray().OfType<OnDemandView>().SelectMany(v => v.Features.ToArray().Select(f => $"{v.Name}.{f}")).ToArray();
        var number = 0L;
        foreach (var batch in Read(session, batchRows, cancellationToken))
        {
            var columns = names.Select(n => batch[n]).ToArray();
            for (var row = 0; row < batch.Count; row++)
            {
                var appended = appender.CreateRow().AppendValue(++number);
                foreach (var column in columns)
                {
                    appended.AppendValue(column.Values<float>()[row]);
                }

                appended.EndRow();
            }
        }

        appender.Close();
    }

    private string Joined => $"requests {string.Join(' ', _plans.Select(p => $"JOIN view{p.Id} ON requests._row = view{p.Id}._row"))}";

    private void MakeTables(DuckSession session, EventTables events, CancellationToken cancellationToken)
    {
        session.Execute(RequestsStatement(session, cancellationToken), cancellationToken);
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

    private string RequestsStatement(DuckSession session, CancellationToken cancellationToken)
    {
        var keys = _plans.SelectMany(p => p.KeyColumns.Select(k => p.View.Source.Columns[k])).DistinctBy(k => k.Name).ToArray();
        var selected = keys.Select(k => k.Name).Append(_entities.TimeColumn).Concat(_columns.Select(c => c.Name)).Distinct(StringComparer.Ordinal);
        var query = _entities.Query.Select(selected);
        var given = session.TypesOf(query, cancellationToken);
        var time = $"epoch_us({ColumnSql.Moment(SqlText.Name(_entities.TimeColumn), given[_entities.TimeColumn])})";
        var carried = _columns.Select((c, i) => $", CAST({ColumnSql.Given(c, SqlText.Name(c.Name), given[c.Name])} AS {ColumnSql.Type(c)}) AS _c{i}");
        var typed = keys.Select(k => $", CAST({SqlText.Name(k.Name)} AS {ColumnSql.Type(k)}) AS {SqlText.Name(k.Name)}");

        // An order that depends on nothing but the rows themselves: the same question gives the same training set.
        var order = string.Join(", ", Enumerable.Range(1, keys.Length + 1 + _columns.Length).Select(i => $"#{i}"));
        return $"CREATE TEMP TABLE requests AS SELECT *, row_number() OVER () AS _row FROM (SELECT {time} AS _us{string.Concat(typed)}{string.Concat(carried)} FROM ({query}) ORDER BY {order})";
    }

    private void RequireTimes(DuckSession session, CancellationToken cancellationToken)
    {
        var wrong = session.Number($"SELECT count(*) FROM requests WHERE {SqlText.NoTime("_us")}", cancellationToken);
        if (wrong > 0)
        {
            throw new MlpException(FeatureErrors.EntityInvalid, $"{wrong} row(s) of entities have no time in '{_entities.TimeColumn}', or one outside of the years 1 to 9999; every row needs one to be joined at.");
        }
    }
}
