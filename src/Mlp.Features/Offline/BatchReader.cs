namespace Mlp.Features;

/// <summary>
/// Collects a query's rows into batches: first their time in microseconds, then columns that are carried along, then the stored features;
/// those that are computed from the request alone are computed here, by the very function that serves.
/// </summary>
internal sealed class BatchReader
{
    private readonly Column[] _carried;
    private readonly FeatureView[] _views;
    private readonly ColumnBuffer[] _buffers;
    private readonly int _width;
    private readonly int _batchRows;
    private DateTime[] _times;
    private int _count;

    /// <summary>A reader.</summary>
    /// <param name="carried">Columns that are carried along.</param>
    /// <param name="views">The views of a row, in order.</param>
    /// <param name="batchRows">Rows in a batch.</param>
    public BatchReader(Column[] carried, FeatureView[] views, int batchRows)
    {
        _carried = carried;
        _views = views;
        _batchRows = batchRows;
        _width = views.Sum(v => v.FloatCount);
        _times = new DateTime[batchRows];
        var stored = views.OfType<EntityView>().SelectMany(v => v.Schema.Columns.ToArray());
        _buffers = [.. carried.Concat(stored).Select(c => ColumnBuffer.Of(c, batchRows))];
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

        var features = new List<FeatureColumn>();
        var (buffer, offset) = (carried.Length, 0);
        foreach (var view in _views)
        {
            if (view is OnDemandView onDemand)
            {
                Compute(onDemand, rows, offset, features);
            }
            else
            {
                foreach (ref readonly var field in view.Schema.Fields)
                {
                    var column = _buffers[buffer++].Take($"{view.Name}.{field.Column.Name}");
                    features.Add(column);
                    if (field.FirstFloat >= 0)
                    {
                        column.WriteFloats(rows, _width, offset + field.FirstFloat);
                    }
                }
            }

            offset += view.FloatCount;
        }

        var batch = new FeatureBatch(_count, rows, _times, carried, [.. features]);
        _times = new DateTime[_batchRows];
        _count = 0;
        return batch;
    }

    private void Compute(OnDemandView view, float[] rows, int offset, List<FeatureColumn> features)
    {
        for (var row = 0; row < _count; row++)
        {
            view.Compute(_times[row], rows.AsSpan((row * _width) + offset, view.FloatCount));
        }

        for (var f = 0; f < view.FloatCount; f++)
        {
            var values = new float[_count];
            for (var row = 0; row < values.Length; row++)
            {
                values[row] = rows[(row * _width) + offset + f];
            }

            features.Add(new FeatureColumn($"{view.Name}.{view.Features[f]}", view.Schema.Columns[f], _count, values, null, null));
        }
    }
}
