using Mlp.Core;

namespace Mlp.Features;

/// <summary>Brings the features of a service, as they were known at each row's time, to rows of entities.</summary>
/// <remarks>
/// Of a latest view each event, of a windowed one each edge of a window is looked up by an ASOF join; a window's value is a difference
/// of two sums. Other windows are merged over frames of tiles (<see cref="WindowJoin"/>) or replayed in order of time (<see cref="WindowReplay"/>).
/// On-demand views are computed while the rows are read, by the very function that serves.
/// </remarks>
internal sealed class PointInTimeJoin
{
    private static readonly Column RowNumber = Column.Integer("_row");

    private readonly FeatureService _service;
    private readonly EntityRows _entities;
    private readonly Column[] _columns;
    private readonly ViewPlan[] _plans;
    private readonly Column[] _requested;
    private string[][] _features = [];
    private string _joined = "";
    private string _order = "";

    public PointInTimeJoin(FeatureService service, EntityRows entities)
    {
        _service = service;
        _entities = entities;
        _columns = entities.Columns.ToArray();
        service.RequireCode();
        _requested = Array.ConvertAll(service.RequestColumns.ToArray(), static name => Column.Float(name).Nullable());
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
        return Read(session, _columns, [], batchRows, cancellationToken);
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
                var value = view is EntityView ? _features[stored][view.Schema.IndexOf(column.Name)] : $"computed.f{computed++}";
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
        return $"SELECT {string.Join(", ", [$"make_timestamp(requests._us) AS {SqlText.Name(_entities.TimeColumn)}", .. carried, .. features])} FROM {_joined}{join} ORDER BY {_order}";
    }

    private IEnumerable<FeatureBatch> Read(DuckSession session, Column[] columns, string[] beside, int batchRows, CancellationToken cancellationToken)
    {
        var carried = _columns.Select((c, i) => ColumnSql.Read(c, $"requests._c{i}"));
        var requested = _requested.Select((_, i) => $"requests._q{i}");
        var features = _plans.SelectMany((p, i) => p.View.Schema.Columns.ToArray().Select((c, f) => ColumnSql.Read(c, _features[i][f])));
        var sql = $"SELECT {string.Join(", ", ["requests._us", .. carried, .. beside, .. requested, .. features])} FROM {_joined} ORDER BY {_order}";
        return new BatchReader(columns, _service.Views.ToArray(), batchRows, _service).Read(session.Chunks(sql, cancellationToken));
    }

    // What views compute from the request, by the very function that serves.
    private void Compute(DuckSession session, int width, int batchRows, CancellationToken cancellationToken)
    {
        using var computed = new FeatureTable(session, "computed", width, cancellationToken);
        var names = _service.Views.ToArray().OfType<OnDemandView>().SelectMany(v => v.Features.ToArray().Select(f => $"{v.Name}.{f}")).ToArray();
        var features = new float[width];
        foreach (var batch in Read(session, [.. _columns, RowNumber], ["requests._row"], batchRows, cancellationToken))
        {
            var columns = names.Select(n => batch[n]).ToArray();
            var numbers = batch.Carried[^1].Values<long>();
            for (var row = 0; row < batch.Count; row++)
            {
                for (var f = 0; f < width; f++)
                {
                    features[f] = columns[f].Values<float>()[row];
                }

                computed.Append(numbers[row], features);
            }
        }
    }

    private void MakeTables(DuckSession session, EventTables events, CancellationToken cancellationToken)
    {
        MakeRequests(session, cancellationToken);
        HoldSpans(session, events, cancellationToken);
        var ties = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (_plans is [{ Window: null } only])
        {
            // Nothing to bring together: the rows go straight from the one join to where they are wanted.
            var tied = Tied(session, events, only, ties, cancellationToken);
            _features = [[.. LatestSql.Features(only, tied is not null)]];
            _joined = LatestSql.Joined(only, "(SELECT *, rowid AS _row FROM requests)", ViewSql.Standing(only, events.Of(only.View.Source)), Decided(only, tied));
            return;
        }

        foreach (var plan in _plans)
        {
            // A view at a time, keys and time alone on its left: what a sort has to carry decides what it costs.
            var requests = $"(SELECT rowid AS _row, _us, {ViewSql.Keys(plan)} FROM requests)";
            var source = events.Of(plan.View.Source);
            if (plan.Window is not null)
            {
                WindowTable(session, plan, requests, source, cancellationToken);
                continue;
            }

            source = ViewSql.Standing(plan, source);
            var tied = Tied(session, events, plan, ties, cancellationToken);
            var features = LatestSql.Features(plan, tied is not null).Select((feature, f) => $"{feature} AS f{f}");
            session.Execute($"CREATE TEMP TABLE view{plan.Id} AS SELECT requests._row, {string.Join(", ", features)} FROM {LatestSql.Joined(plan, requests, source, Decided(plan, tied))}", cancellationToken);
        }

        _features = [.. _plans.Select(p => Enumerable.Range(0, p.View.Schema.Columns.Length).Select(f => $"view{p.Id}.f{f}").ToArray())];
        _joined = $"(SELECT *, rowid AS _row FROM requests) AS requests {string.Join(' ', _plans.Select(p => $"JOIN view{p.Id} ON requests._row = view{p.Id}._row"))}";
    }

    private static void WindowTable(DuckSession session, ViewPlan plan, string requests, string source, CancellationToken cancellationToken)
    {
        var table = $"view{plan.Id}";
        if (plan.Window is { IsTiled: false })
        {
            new WindowReplay(plan).Run(session, source, table, cancellationToken);
            return;
        }

        if (plan.Window is { IsSummable: false })
        {
            new WindowJoin(plan).Run(session, source, table, cancellationToken);
            return;
        }

        var columns = ViewSql.Features(plan, "v").Select((feature, f) => $"{feature} AS f{f}");
        TileSums.Execute(session, plan, $"CREATE TEMP TABLE lookup AS {ViewSql.Running(plan, $"({ViewSql.Tiles(plan, source, "")})")}", source, "", cancellationToken);
        session.Execute($"CREATE TEMP TABLE {table} AS SELECT requests._row, {string.Join(", ", columns)} FROM {requests} AS requests {string.Join(' ', ViewSql.Joins(plan, "lookup", "v"))}", cancellationToken);
        session.Execute("DROP TABLE lookup", cancellationToken);
    }

    private static string? Decided(ViewPlan plan, string? tied) => tied is null ? null : $"({LatestSql.Decided(plan, ViewSql.Standing(plan, tied))})";

    // Views of one source and entity share it.
    private static string? Tied(DuckSession session, EventTables events, ViewPlan plan, Dictionary<string, string?> ties, CancellationToken cancellationToken)
    {
        var name = $"{plan.View.Source.Name}({ViewSql.Keys(plan)})";
        if (!ties.TryGetValue(name, out var table))
        {
            table = new TieIndex(session, events, plan.View.Source, plan.View.Entity.Keys.ToArray()).Table(cancellationToken);
            ties.Add(name, table);
        }

        return table;
    }

    // No event at the last request's time or later is seen, and none that is too old for the first.
    private void HoldSpans(DuckSession session, EventTables events, CancellationToken cancellationToken)
    {
        var (first, last) = (0L, 0L);
        foreach (var row in session.Rows($"SELECT count(*) FILTER (WHERE {SqlText.NoTime("_us")}), coalesce(min(_us), 0), coalesce(max(_us), 0) FROM requests", cancellationToken))
        {
            if (row.GetInt64(0) is var wrong and > 0)
            {
                throw new MlpException(FeatureErrors.EntityInvalid, $"{wrong} row(s) of entities have no time in '{_entities.TimeColumn}', or one outside of the years 1 to 9999; every row needs one to be joined at.");
            }

            (first, last) = (row.GetInt64(1), row.GetInt64(2));
        }

        RequireCarried(session, cancellationToken);
        foreach (var views in _plans.GroupBy(p => p.View.Source))
        {
            var age = views.Max(p => p.Window is not null ? long.MaxValue : p.TimeToLiveMicros);
            events.Hold(views.Key, age > first - FeatureTime.MicrosMin ? long.MinValue : first - age, last);
        }
    }

    // A label that is not there would be a 0 to whoever reads its column as numbers.
    private void RequireCarried(DuckSession session, CancellationToken cancellationToken)
    {
        if (_columns.Length == 0)
        {
            return;
        }

        var wrong = _columns.Select((c, i) => ColumnSql.Wrong(c, c.Type.VectorLength > 0 ? $"CAST(_c{i} AS {SqlText.Type(ColumnType.ListOf(c.Type.Kind))})" : $"_c{i}"));
        foreach (var row in session.Rows($"SELECT {string.Join(", ", wrong.Select(w => $"count(*) FILTER (WHERE {w})"))} FROM requests", cancellationToken))
        {
            for (var i = 0; i < _columns.Length; i++)
            {
                if (row.GetInt64(i) is var count and > 0)
                {
                    var column = _columns[i];
                    throw new MlpException(FeatureErrors.EntityInvalid, $"{count} row(s) of entities have no value for '{column.Name}', which is carried along, or one that it cannot have; expected {ColumnSql.Expected(column)}{(column.IsNullable ? " or none" : $". Where it may be missing, declare it so: {nameof(Column.Nullable)}()")}.");
                }
            }
        }
    }

    private void MakeRequests(DuckSession session, CancellationToken cancellationToken)
    {
        var keys = _plans.SelectMany(p => p.KeyColumns.Select(k => p.View.Source.Columns[k])).DistinctBy(k => k.Name).ToArray();
        var selected = keys.Select(k => k.Name).Append(_entities.TimeColumn).Concat(_columns.Select(c => c.Name)).Concat(_requested.Select(c => c.Name)).Distinct(StringComparer.Ordinal);
        var query = _entities.Query.Select(selected);
        var given = session.TypesOf(query, cancellationToken);
        var time = $"epoch_us({ColumnSql.Moment(SqlText.Name(_entities.TimeColumn), given[_entities.TimeColumn])})";
        var carried = _columns.Select((c, i) => $", CAST({ColumnSql.Given(c, SqlText.Name(c.Name), given[c.Name])} AS {ColumnSql.Type(c)}) AS _c{i}");
        var requested = _requested.Select((c, i) => $", CAST({ColumnSql.Given(c, SqlText.Name(c.Name), given[c.Name])} AS FLOAT) AS _q{i}");
        var typed = keys.Select(k => $", CAST({SqlText.Name(k.Name)} AS {ColumnSql.Type(k)}) AS {SqlText.Name(k.Name)}");
        session.Execute($"CREATE TEMP TABLE requests AS SELECT {time} AS _us{string.Concat(typed)}{string.Concat(carried)}{string.Concat(requested)} FROM ({query})", cancellationToken);

        // An order that depends on nothing but the rows themselves: the same question gives the same training set.
        _order = string.Join(", ", ["requests._us", .. keys.Select(k => $"requests.{SqlText.Name(k.Name)}"), .. _columns.Select((_, i) => $"requests._c{i}"), .. _requested.Select((_, i) => $"requests._q{i}")]);
    }
}
