using DuckDB.NET.Data;

namespace Mlp.Features;

/// <summary>Collects a query's rows into batches: first their time in microseconds, then columns to carry, then whatever makes the features.</summary>
internal sealed class BatchReader(Column[] columns, int width, int batchRows)
{
    /// <summary>Reads a row's features, the first of which stands at an ordinal.</summary>
    public delegate void FeatureReading(DuckDBDataReader reader, int ordinal, DateTime time, Span<float> features);

    public IEnumerable<FeatureBatch> Read(IEnumerable<DuckDBDataReader> reader, FeatureReading? features)
    {
        var batch = New();
        var count = 0;
        foreach (var row in reader)
        {
            var time = FeatureTime.FromMicros(row.GetInt64(0));
            batch.Times[count] = time;
            for (var c = 0; c < columns.Length; c++)
            {
                Carry(row, 1 + c, batch.Values[c], count);
            }

            features?.Invoke(row, 1 + columns.Length, time, batch.Rows.AsSpan(count * width, width));
            if (++count == batchRows)
            {
                yield return new FeatureBatch(count, batch.Rows, batch.Times, columns, batch.Values);
                batch = New();
                count = 0;
            }
        }

        if (count > 0)
        {
            yield return new FeatureBatch(count, batch.Rows[..(count * width)], batch.Times, columns, batch.Values);
        }
    }

    private (float[] Rows, DateTime[] Times, Array[] Values) New() => (new float[batchRows * width], new DateTime[batchRows], [.. columns.Select(c => c.Type switch
    {
        { IsInteger: true } => (Array)new long[batchRows],
        { IsScalar: true, Kind: ColumnKind.Double } => new double[batchRows],
        _ => new string[batchRows],
    })]);

    // What is carried along is the caller's own; a hole in it is 0, NaN or an empty text.
    private static void Carry(DuckDBDataReader reader, int ordinal, Array values, int row)
    {
        var missing = reader.IsDBNull(ordinal);
        switch (values)
        {
            case long[] integers: integers[row] = missing ? 0 : reader.GetInt64(ordinal); break;
            case double[] numbers: numbers[row] = missing ? double.NaN : reader.GetDouble(ordinal); break;
            case string[] texts: texts[row] = missing ? "" : reader.GetString(ordinal); break;
        }
    }
}
