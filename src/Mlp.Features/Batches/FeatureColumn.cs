using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>A column of a <see cref="FeatureBatch"/>: typed values side by side, and which of them are missing.</summary>
public sealed class FeatureColumn
{
    private readonly Array _elements;
    private readonly bool[]? _missing;
    private readonly int[]? _offsets;

    internal FeatureColumn(string name, Column column, int count, Array elements, bool[]? missing, int[]? offsets)
    {
        Name = name;
        Column = column;
        Count = count;
        _elements = elements;
        _missing = missing;
        _offsets = offsets;
    }

    /// <summary>A carried column's own name; of a feature view, dot, feature.</summary>
    public string Name { get; }

    /// <summary>Its declaration.</summary>
    public Column Column { get; }

    /// <summary>Number of rows.</summary>
    public int Count { get; }

    /// <summary>For each row whether its value is missing; empty where none is.</summary>
    public ReadOnlySpan<bool> Missing => _missing is null ? [] : _missing.AsSpan(0, Count);

    /// <summary>Of a column of lists: where each row's elements begin among <see cref="Values"/>, and behind the last row's their number; empty of all others.</summary>
    public ReadOnlySpan<int> ListOffsets => _offsets is null ? [] : _offsets.AsSpan(0, Count + 1);

    /// <summary>
    /// The values: one a row; of vectors their length a row; of lists see <see cref="ListOffsets"/>. The type is the kind's: <see cref="bool"/>,
    /// the integers, <see cref="Half"/>, <see cref="float"/>, <see cref="double"/>, <see cref="string"/>, <see cref="DateTime"/>, <see cref="Guid"/>;
    /// of a category <see cref="int"/>, its number. A missing value is 0, NaN or an empty text.
    /// </summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the values are of another type.</exception>
    public ReadOnlySpan<T> Values<T>() => _elements.GetType() == typeof(T[])
        ? ((T[])_elements).AsSpan(0, _offsets is null ? Count * Math.Max(1, Column.Type.VectorLength) : _offsets[Count])
        : throw new MlpException(ErrorCodes.TensorMismatch, $"The column '{Name}' ({Column.Type}) has values of {_elements.GetType().GetElementType()!.Name}, not of {typeof(T).Name}.");

    /// <summary>Whether a row's value is missing.</summary>
    public bool IsMissing(int row) => _missing is not null && _missing[row];

    /// <summary>A row's value, whatever its type; a category is its text.</summary>
    public FeatureValue this[int row]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(row);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Count);
            if (IsMissing(row))
            {
                return FeatureValue.Missing;
            }

            if (_offsets is not null)
            {
                return FeatureValue.Of(Slice(_offsets[row], _offsets[row + 1] - _offsets[row]));
            }

            return Column.Type.VectorLength > 0
                ? FeatureValue.Of(Slice(row * Column.Type.VectorLength, Column.Type.VectorLength))
                : Scalar(row);
        }
    }

    private Array Slice(int first, int count)
    {
        var slice = Array.CreateInstance(_elements.GetType().GetElementType()!, count);
        Array.Copy(_elements, first, slice, 0, count);
        return slice;
    }

    private FeatureValue Scalar(int row) => Column.Type.Kind switch
    {
        ColumnKind.Bool => ((bool[])_elements)[row],
        ColumnKind.Int8 => (long)((sbyte[])_elements)[row],
        ColumnKind.Int16 => (long)((short[])_elements)[row],
        ColumnKind.Int32 => (long)((int[])_elements)[row],
        ColumnKind.Int64 => ((long[])_elements)[row],
        ColumnKind.UInt8 => (long)((byte[])_elements)[row],
        ColumnKind.UInt16 => (long)((ushort[])_elements)[row],
        ColumnKind.UInt32 => (long)((uint[])_elements)[row],
        ColumnKind.UInt64 => ((ulong[])_elements)[row],
        ColumnKind.Half => (double)((Half[])_elements)[row],
        ColumnKind.Float => (double)((float[])_elements)[row],
        ColumnKind.Double => ((double[])_elements)[row],
        ColumnKind.Category => Column.Categories[((int[])_elements)[row]],
        ColumnKind.Timestamp => ((DateTime[])_elements)[row],
        ColumnKind.Guid => ((Guid[])_elements)[row],
        _ => ((string[])_elements)[row],
    };

    /// <summary>Writes the column's floats into rows, as they stand in a tensor: rounded once, a missing value NaN.</summary>
    /// <param name="rows">Row-major.</param>
    /// <param name="width">Floats of a row.</param>
    /// <param name="first">The column's first float in a row.</param>
    internal void WriteFloats(Span<float> rows, int width, int first)
    {
        var length = Column.Type.FloatCount;

        // By the kind: the runtime takes an array of signed integers for one of unsigned ones.
        switch (Column.Type.Kind)
        {
            case ColumnKind.Bool: Write<byte>(MemoryMarshal.AsBytes(((bool[])_elements).AsSpan()), static v => v, rows, width, first, length); break;
            case ColumnKind.Int8: Write((sbyte[])_elements, static v => v, rows, width, first, length); break;
            case ColumnKind.UInt8: Write((byte[])_elements, static v => v, rows, width, first, length); break;
            case ColumnKind.Int16: Write((short[])_elements, static v => v, rows, width, first, length); break;
            case ColumnKind.UInt16: Write((ushort[])_elements, static v => v, rows, width, first, length); break;
            case ColumnKind.Int32 or ColumnKind.Category: Write((int[])_elements, static v => v, rows, width, first, length); break;
            case ColumnKind.UInt32: Write((uint[])_elements, static v => v, rows, width, first, length); break;
            case ColumnKind.Int64: Write((long[])_elements, static v => v, rows, width, first, length); break;
            case ColumnKind.UInt64: Write((ulong[])_elements, static v => v, rows, width, first, length); break;
            case ColumnKind.Half: Write((Half[])_elements, static v => (float)v, rows, width, first, length); break;
            case ColumnKind.Float: Write((float[])_elements, static v => v, rows, width, first, length); break;
            case ColumnKind.Double: Write((double[])_elements, static v => (float)v, rows, width, first, length); break;
        }

        for (var row = 0; row < Count && _missing is not null; row++)
        {
            if (_missing[row])
            {
                rows.Slice((row * width) + first, length).Fill(float.NaN);
            }
        }
    }

    private void Write<T>(ReadOnlySpan<T> values, Func<T, float> convert, Span<float> rows, int width, int first, int length)
    {
        for (var row = 0; row < Count; row++)
        {
            for (var e = 0; e < length; e++)
            {
                rows[(row * width) + first + e] = convert(values[(row * length) + e]);
            }
        }
    }
}
