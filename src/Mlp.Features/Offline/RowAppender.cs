using DuckDB.NET.Data;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>Puts rows of values into a table of the engine, each value looked at before.</summary>
internal sealed class RowAppender : IDisposable
{
    private readonly Column[] _columns;
    private readonly DuckDBAppender _appender;
    private readonly string _what;

    /// <summary>Makes the table, and begins.</summary>
    /// <param name="session">Where.</param>
    /// <param name="table">The table's name.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="what">What the rows are, for messages.</param>
    public RowAppender(DuckSession session, string table, Column[] columns, string what)
    {
        _columns = columns;
        _what = what;
        session.Execute($"CREATE TABLE {SqlText.Name(table)} ({string.Join(", ", columns.Select(c => $"{SqlText.Name(c.Name)} {TypeOf(c.Type)}"))})");
        _appender = session.Appender(table);
    }

    public long Rows { get; private set; }

    /// <summary>Appends a row.</summary>
    /// <exception cref="MlpException"><see cref="FeatureErrors.EventInvalid"/>: a value does not fit its column.</exception>
    public void Append(ReadOnlySpan<FeatureValue> values)
    {
        if (values.Length != _columns.Length)
        {
            throw new MlpException(FeatureErrors.EventInvalid, $"{values.Length} values for {_what}; expected {_columns.Length}: {string.Join(", ", _columns.Select(c => c.Name))}.");
        }

        for (var i = 0; i < values.Length; i++)
        {
            if (ColumnFit.Refusal(_columns[i], values[i]) is { } refusal)
            {
                throw new MlpException(FeatureErrors.EventInvalid, $"{_what}, row {Rows}: {refusal}.");
            }
        }

        var row = _appender.CreateRow();
        for (var i = 0; i < values.Length; i++)
        {
            Append(row, _columns[i].Type, values[i]);
        }

        row.EndRow();
        Rows++;
    }

    /// <summary>Makes what was appended visible.</summary>
    public void Close() => _appender.Close();

    public void Dispose() => _appender.Dispose();

    // A vector is a list here, as it is in Parquet; numbers are as wide as they came, and rounded when they are appended to a source.
    private static string TypeOf(ColumnType type) => type.VectorLength > 0 ? $"{SqlText.Type(ColumnType.Of(type.Kind))}[]"
        : type is { IsScalar: true, Kind: ColumnKind.Half or ColumnKind.Float } ? "DOUBLE"
        : SqlText.Type(type);

    private static void Append(IDuckDBAppenderRow row, ColumnType type, in FeatureValue value)
    {
        if (value.IsMissing)
        {
            row.AppendNullValue();
        }
        else if (!type.IsScalar)
        {
            AppendElements(row, value.Elements!);
        }
        else
        {
            AppendScalar(row, type.Kind, value);
        }
    }

    private static void AppendScalar(IDuckDBAppenderRow row, ColumnKind kind, in FeatureValue value)
    {
        switch (kind)
        {
            case ColumnKind.Bool: row.AppendValue(value.Integer != 0); break;
            case ColumnKind.Int8: row.AppendValue((sbyte)value.Integer); break;
            case ColumnKind.Int16: row.AppendValue((short)value.Integer); break;
            case ColumnKind.Int32: row.AppendValue((int)value.Integer); break;
            case ColumnKind.Int64: row.AppendValue(value.Integer); break;
            case ColumnKind.UInt8: row.AppendValue((byte)value.Integer); break;
            case ColumnKind.UInt16: row.AppendValue((ushort)value.Integer); break;
            case ColumnKind.UInt32: row.AppendValue((uint)value.Integer); break;
            case ColumnKind.UInt64: row.AppendValue((ulong)value.Integer); break;

            // Rounded here where it is an integer, which would be rounded twice by way of a double.
            case ColumnKind.Float when value.Type.IsInteger: row.AppendValue((double)(value.Type.Kind == ColumnKind.UInt64 ? (float)(ulong)value.Integer : value.Integer)); break;
            case ColumnKind.Half or ColumnKind.Float or ColumnKind.Double: row.AppendValue(value.Number); break;
            case ColumnKind.Timestamp: row.AppendValue(value.Time); break;
            case ColumnKind.Guid: row.AppendValue(value.Guid); break;
            default: row.AppendValue(value.Text); break;
        }
    }

    private static void AppendElements(IDuckDBAppenderRow row, Array elements)
    {
        // By the exact type: the runtime takes an array of signed integers for one of unsigned ones.
        switch (FeatureValue.Of(elements).Type.Kind)
        {
            case ColumnKind.Bool: row.AppendValue((IEnumerable<bool>)(bool[])elements); break;
            case ColumnKind.Int8: row.AppendValue((IEnumerable<sbyte>)(sbyte[])elements); break;
            case ColumnKind.Int16: row.AppendValue((IEnumerable<short>)(short[])elements); break;
            case ColumnKind.Int32: row.AppendValue((IEnumerable<int>)(int[])elements); break;
            case ColumnKind.Int64: row.AppendValue((IEnumerable<long>)(long[])elements); break;
            case ColumnKind.UInt8: row.AppendValue(((byte[])elements).AsEnumerable()); break;
            case ColumnKind.UInt16: row.AppendValue((IEnumerable<ushort>)(ushort[])elements); break;
            case ColumnKind.UInt32: row.AppendValue((IEnumerable<uint>)(uint[])elements); break;
            case ColumnKind.UInt64: row.AppendValue((IEnumerable<ulong>)(ulong[])elements); break;
            case ColumnKind.Half: row.AppendValue((IEnumerable<float>)((Half[])elements).Select(e => (float)e).ToArray()); break;
            case ColumnKind.Float: row.AppendValue((IEnumerable<float>)(float[])elements); break;
            case ColumnKind.Double: row.AppendValue((IEnumerable<double>)(double[])elements); break;
            case ColumnKind.Text: row.AppendValue((IEnumerable<string>)(string[])elements); break;
            case ColumnKind.Timestamp: row.AppendValue((IEnumerable<DateTime>)((DateTime[])elements).Select(e => FeatureTime.FromMicros(FeatureTime.Micros(e))).ToArray()); break;
            default: row.AppendValue((IEnumerable<Guid>)(Guid[])elements); break;
        }
    }
}
