namespace Mlp.Features;

/// <summary>
/// Collects a query's rows into batches: first their time in microseconds, then columns that are carried along, then what on-demand views want of
/// the request, then the stored features; what is computed on demand is computed here, by the very function that serves.
/// </summary>
internal sealed class BatchReader
{
    private readonly Column[] _carried;
    private readonly FeatureView[] _views;
    private readonly OnDemandPlan[] _onDemand;
    private readonly string[] _requested;
    private readonly ColumnBuffer[] _buffers;
    private readonly int _width;
    private readonly int _batchRows;
    private DateTime[] _times;
    private int _count;

    /// <summary>A reader.</summary>
    /// <param name="carried">Columns that are carried along.</param>
    /// <param name="views">The views of a row, in order.</param>
    /// <param name="batchRows">Rows in a batch.</param>
    /// <param name="service">Whose views they are; null where none of them is computed on demand.</param>
    public BatchReader(Column[] carried, FeatureView[] views, int batchRows, FeatureService? service = null)
    {
        _carried = carried;
        _views = views;
        _onDemand = service is null ? [] : service.OnDemand.ToArray();
        _requested = service is null ? [] : service.RequestColumns.ToArray();
        _batchRows = batchRows;
        _width = views.Sum(v => v.FloatCount);
        _times = new DateTime[batchRows];
        var stored = views.OfType<EntityView>().SelectMany(v => v.Schema.Columns.ToArray());
        _buffers = [.. carried.Concat(_requested.Select(name => Column.Float(name).Nullable())).Concat(stored).Select(c => ColumnBuffer.Of(c, batchRows))];
    }

    public IEnumerable<FeatureBatch> Read(IEnumerable<DuckChunk> chunks)
    {
        foreach (var chunk in chunks)
        {
            for (var first = 0; first < chunk.Count;)
            {
                var taken = Math.Min(chunk.Count - first, _batchRows - _count);
                Append(chunk, first, taken);
                first += taken;
                if (_count == _batchRows)
                {
                    yield return Take();
                }
            }
        }

        if (_count > 0)
        {
            yield return Take();
        }
    }

    private void Append(DuckChunk chunk, int first, int count)
    {
        var micros = chunk[0].Values<long>(first, count);
        for (var i = 0; i < count; i++)
        {
            _times[_count + i] = FeatureTime.FromMicros(micros[i]);
        }

        for (var c = 0; c < _buffers.Length; c++)
        {
            _buffers[c].Append(chunk[1 + c], first, count);
        }

        _count += count;
    }

    private FeatureBatch Take()
    {
        var rows = new float[_count * _width];
        var carried = new FeatureColumn[_carried.Length];
        for (var c = 0; c < carried.Length; c++)
        {
            carried[c] = _buffers[c].Take(_carried[c].Name);
        }

        var batch = new FeatureBatch(_count, rows, _times, carried, Features(rows, carried.Length));
        _times = new DateTime[_batchRows];
        _count = 0;
        return batch;
    }

    private FeatureColumn[] Features(float[] rows, int buffer)
    {
        var requests = new float[_count * _requested.Length];
        for (var q = 0; q < _requested.Length; q++)
        {
            _buffers[buffer++].Take(_requested[q]).WriteFloats(requests, _requested.Length, q);
        }

        // What is computed from stored features comes after them, wherever it stands in the row.
        var stored = new Dictionary<string, FeatureColumn[]>(StringComparer.Ordinal);
        var offset = 0;
        foreach (var view in _views)
        {
            stored.Add(view.Name, view is EntityView ? Stored(view, rows, offset, ref buffer) : []);
            offset += view.FloatCount;
        }

        foreach (var plan in _onDemand)
        {
            stored[plan.View.Name] = Compute(plan, rows, requests);
        }

        return [.. _views.SelectMany(v => stored[v.Name])];
    }

    private FeatureColumn[] Stored(FeatureView view, float[] rows, int offset, ref int buffer)
    {
        var columns = new FeatureColumn[view.Schema.Columns.Length];
        for (var c = 0; c < columns.Length; c++)
        {
            ref readonly var field = ref view.Schema.Fields[c];
            columns[c] = _buffers[buffer++].Take($"{view.Name}.{field.Column.Name}");
            if (field.FirstFloat >= 0)
            {
                columns[c].WriteFloats(rows, _width, offset + field.FirstFloat);
            }
        }

        return columns;
    }

    private FeatureColumn[] Compute(OnDemandPlan plan, float[] rows, float[] requests)
    {
        for (var row = 0; row < _count; row++)
        {
            plan.Run(_times[row], rows.AsSpan(row * _width, _width), requests.AsSpan(row * _requested.Length, _requested.Length));
        }

        var view = plan.View;
        var columns = new FeatureColumn[view.FloatCount];
        for (var f = 0; f < columns.Length; f++)
        {
            var values = new float[_count];
            for (var row = 0; row < values.Length; row++)
            {
                values[row] = rows[(row * _width) + plan.Offset + f];
            }

            columns[f] = new FeatureColumn($"{view.Name}.{view.Features[f]}", view.Schema.Columns[f], _count, values, null, null);
        }

        return columns;
    }
}
