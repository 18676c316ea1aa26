using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Mlp.Features.Arrow;

/// <summary>A column of a batch as an Arrow array.</summary>
internal static class ArrowColumn
{
    private const int GuidBytes = 16;

    public static IArrowType TypeOf(Column column)
    {
        var element = ElementType(column.Type.Kind);
        return column.Type.IsList ? new ListType(element)
            : column.Type.VectorLength > 0 ? new FixedSizeListType(element, column.Type.VectorLength)
            : element;
    }

    public static long Micros(DateTime time) => (time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static IArrowArray Of(FeatureColumn column)
    {
        var (validity, missing) = Validity(column);
        if (column.Column.Type.IsList)
        {
            var elements = Elements(column, column.ListOffsets[^1], ArrowBuffer.Empty, 0);
            return new ListArray((ListType)TypeOf(column.Column), column.Count, Buffer(column.ListOffsets), elements, validity, missing);
        }

        return column.Column.Type.VectorLength > 0
            ? new FixedSizeListArray((FixedSizeListType)TypeOf(column.Column), column.Count, Elements(column, column.Count * column.Column.Type.VectorLength, ArrowBuffer.Empty, 0), validity, missing)
            : Elements(column, column.Count, validity, missing);
    }

    private static IArrowType ElementType(ColumnKind kind) => kind switch
    {
        ColumnKind.Bool => BooleanType.Default,
        ColumnKind.Int8 => Int8Type.Default,
        ColumnKind.Int16 => Int16Type.Default,
        ColumnKind.Int32 => Int32Type.Default,
        ColumnKind.Int64 => Int64Type.Default,
        ColumnKind.UInt8 => UInt8Type.Default,
        ColumnKind.UInt16 => UInt16Type.Default,
        ColumnKind.UInt32 => UInt32Type.Default,
        ColumnKind.UInt64 => UInt64Type.Default,
        ColumnKind.Half => HalfFloatType.Default,
        ColumnKind.Float => FloatType.Default,
        ColumnKind.Double => DoubleType.Default,
        ColumnKind.Timestamp => new TimestampType(TimeUnit.Microsecond, "UTC"),
        ColumnKind.Guid => new FixedSizeBinaryType(GuidBytes),
        ColumnKind.Category => new DictionaryType(Int32Type.Default, StringType.Default, ordered: true),
        _ => StringType.Default,
    };

    private static IArrowArray Elements(FeatureColumn column, int count, ArrowBuffer validity, int missing) => column.Column.Type.Kind switch
    {
        ColumnKind.Bool => new BooleanArray(Bits(column.Values<bool>()), validity, count, missing, 0),
        ColumnKind.Int8 => new Int8Array(Buffer(column.Values<sbyte>()), validity, count, missing, 0),
        ColumnKind.Int16 => new Int16Array(Buffer(column.Values<short>()), validity, count, missing, 0),
        ColumnKind.Int32 => new Int32Array(Buffer(column.Values<int>()), validity, count, missing, 0),
        ColumnKind.Int64 => new Int64Array(Buffer(column.Values<long>()), validity, count, missing, 0),
        ColumnKind.UInt8 => new UInt8Array(Buffer(column.Values<byte>()), validity, count, missing, 0),
        ColumnKind.UInt16 => new UInt16Array(Buffer(column.Values<ushort>()), validity, count, missing, 0),
        ColumnKind.UInt32 => new UInt32Array(Buffer(column.Values<uint>()), validity, count, missing, 0),
        ColumnKind.UInt64 => new UInt64Array(Buffer(column.Values<ulong>()), validity, count, missing, 0),
        ColumnKind.Half => new HalfFloatArray(Buffer(column.Values<Half>()), validity, count, missing, 0),
        ColumnKind.Float => new FloatArray(Buffer(column.Values<float>()), validity, count, missing, 0),
        ColumnKind.Double => new DoubleArray(Buffer(column.Values<double>()), validity, count, missing, 0),
        ColumnKind.Timestamp => new TimestampArray((TimestampType)ElementType(ColumnKind.Timestamp), Buffer<long>([.. column.Values<DateTime>().ToArray().Select(Micros)]), validity, count, missing, 0),
        ColumnKind.Guid => new Apache.Arrow.Arrays.FixedSizeBinaryArray(new ArrayData(ElementType(ColumnKind.Guid), count, missing, 0, [validity, Guids(column.Values<Guid>())])),
        ColumnKind.Category => new DictionaryArray((DictionaryType)ElementType(ColumnKind.Category), new Int32Array(Buffer(column.Values<int>()), validity, count, missing, 0), new StringArray.Builder().AppendRange(column.Column.Categories.ToArray()).Build()),
        _ => Texts(column.Values<string>(), validity, missing),
    };

    private static (ArrowBuffer Bits, int Missing) Validity(FeatureColumn column)
    {
        if (column.Missing.IsEmpty)
        {
            return (ArrowBuffer.Empty, 0);
        }

        var present = new bool[column.Count];
        for (var row = 0; row < present.Length; row++)
        {
            present[row] = !column.Missing[row];
        }

        return (Bits(present), present.Count(p => !p));
    }

    private static ArrowBuffer Bits(ReadOnlySpan<bool> values)
    {
        var bytes = new byte[(values.Length + 7) / 8];
        for (var i = 0; i < values.Length; i++)
        {
            bytes[i / 8] |= (byte)(values[i] ? 1 << (i % 8) : 0);
        }

        return new ArrowBuffer(bytes);
    }

    private static ArrowBuffer Buffer<T>(ReadOnlySpan<T> values)
        where T : unmanaged => new(MemoryMarshal.AsBytes(values).ToArray());

    // Network order, as a UUID is written everywhere else.
    private static ArrowBuffer Guids(ReadOnlySpan<Guid> values)
    {
        var bytes = new byte[GuidBytes * values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i].TryWriteBytes(bytes.AsSpan(GuidBytes * i), bigEndian: true, out _);
        }

        return new ArrowBuffer(bytes);
    }

    private static StringArray Texts(ReadOnlySpan<string> values, ArrowBuffer validity, int missing)
    {
        var texts = new StringArray.Builder().AppendRange(values.ToArray()).Build();
        return new StringArray(values.Length, texts.ValueOffsetsBuffer, texts.ValueBuffer, validity, missing, 0);
    }
}
