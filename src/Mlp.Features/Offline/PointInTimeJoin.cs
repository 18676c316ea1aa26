using DuckDB.NET.Data;

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
    private readonly (ViewPlan? Plan, OnDemandView? OnDemand, int Offset)[] _steps;

    public PointInTimeJoin(FeatureService service, EntityRows entities)
    {
        _service = service;
        _entities = entities;
        _columns = entities.Columns.ToArray();
        _steps = new (ViewPlan?, OnDemandView?, int)[service.Views.Length];
        var offset = 0;
        for (var i = 0; i < _steps.Length; i++)
        {
            var view = service.Views[i];
            _steps[i] = (view is EntityView stored ? ViewPlan.Of(stored, i) : null, view as OnDemandView, offset);
            offset += view.Features.Length;
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
        var joins = new List<string>();
        var features = new List<string>();
        for (var i = 0; i < _steps.Length; i++)
        {
            if (_steps[i].Plan is { } plan)
            {
                session.Execute($"CREATE TEMP TABLE lookup{i} AS {ViewSql.Lookup(plan, sourceOf(plan.View.Source))}", cancellationToken);
                joins.AddRange(ViewSql.Joins(plan, $"lookup{i}", $"v{i}"));
                features.AddRange(ViewSql.Features(plan, $"v{i}"));
            }
        }

        // Carried columns and the requests' own time first, then the stored features in the order of the row.
        var carried = Enumerable.Range(0, _columns.Length).Select(c => $"requests._c{c}");
        var sql = $"SELECT {string.Join(", ", ["requests._us", .. carried, .. features])} FROM requests {string.Join(' ', joins)} ORDER BY requests._row";
        return Read(session.Rows(sql, cancellationToken), batchRows);
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

    private IEnumerable<FeatureBatch> Read(IEnumerable<DuckDBDataReader> reader, int batchRows)
    {
        var width = _service.RowLength;
        var count = 0;
        var rows = new float[batchRows * width];
        var times = new DateTime[batchRows];
        var values = NewColumns(batchRows);
        foreach (var row in reader)
        {
            var time = FeatureTime.FromMicros(row.GetInt64(0));
            times[count] = time;
            for (var c = 0; c < _columns.Length; c++)
            {
                Carry(row, c, values[c], count);
            }

            ReadFeatures(row, time, rows.AsSpan(count * width, width));
            if (++count == batchRows)
            {
                yield return new FeatureBatch(count, rows, times, _columns, values);
                count = 0;
                rows = new float[batchRows * width];
                times = new DateTime[batchRows];
                values = NewColumns(batchRows);
            }
        }

        if (count > 0)
        {
            yield return new FeatureBatch(count, rows[..(count * width)], times, _columns, values);
        }
    }

    private void ReadFeatures(DuckDBDataReader reader, DateTime time, Span<float> features)
    {
        var ordinal = 1 + _columns.Length;
        foreach (var (plan, onDemand, offset) in _steps)
        {
            if (onDemand is not null)
            {
                onDemand.Compute(time, features.Slice(offset, onDemand.Features.Length));
                continue;
            }

            for (var i = 0; i < plan!.Width; i++)
            {
                features[offset + i] = reader.GetFloat(ordinal++);
            }
        }
    }

    private void Carry(DuckDBDataReader reader, int column, Array values, int row)
    {
        if (reader.IsDBNull(1 + column))
        {
            // What is carried along is the caller's own; a hole in it is NaN, 0 or an empty text.
            if (values is double[] empty)
            {
                empty[row] = double.NaN;
            }
            else if (values is string[] noText)
            {
                noText[row] = "";
            }

            return;
        }

        switch (values)
        {
            case long[] integers: integers[row] = reader.GetInt64(1 + column); break;
            case double[] numbers: numbers[row] = reader.GetDouble(1 + column); break;
            case string[] texts: texts[row] = reader.GetString(1 + column); break;
        }
    }

    private Array[] NewColumns(int rows) => [.. _columns.Select(c => c.Type switch
    {
        ColumnType.Integer => (Array)new long[rows],
        ColumnType.Number => new double[rows],
        _ => new string[rows],
    })];
}
