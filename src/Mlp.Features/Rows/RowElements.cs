using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Mlp.Features;

/// <summary>Elements in a row's fixed part.</summary>
internal static class RowElements
{
    public static bool IsMissing(ReadOnlySpan<byte> row, in RowField field) =>
        field.NullBit >= 0 && (row[field.NullBit >> 3] & (1 << (field.NullBit & 7))) != 0;

    /// <summary>Makes a value missing; of a column that always has one, what stands for it in the row of an entity of which nothing is known.</summary>
    public static void SetMissing(Span<byte> row, in RowField field)
    {
        if (field.NullBit >= 0)
        {
            row[field.NullBit >> 3] |= (byte)(1 << (field.NullBit & 7));
        }

        var type = field.Column.Type;
        for (var e = 0; e < Math.Max(1, type.VectorLength) && !type.IsVariable; e++)
        {
            var element = row[(field.Offset + (e * ColumnType.ElementBytes(type.Kind)))..];
            switch (type.Kind)
            {
                case ColumnKind.Half: BinaryPrimitives.WriteHalfLittleEndian(element, Half.NaN); break;
                case ColumnKind.Float: BinaryPrimitives.WriteSingleLittleEndian(element, float.NaN); break;
                case ColumnKind.Double: BinaryPrimitives.WriteDoubleLittleEndian(element, double.NaN); break;
            }
        }
    }

    public static void Write(Span<byte> place, Column column, in FeatureValue value)
    {
        if (column.Type.VectorLength == 0)
        {
            WriteScalar(place, column, value);
            return;
        }

        var bytes = ColumnType.ElementBytes(column.Type.Kind);
        switch (value.Elements)
        {
            case bool[] elements: Write(place, elements, bytes, static (to, e) => to[0] = e ? (byte)1 : (byte)0); break;
            case System.Half[] elements: Write(place, elements, bytes, static (to, e) => BinaryPrimitives.WriteHalfLittleEndian(to, OneForm.Of(e))); break;
            case float[] elements: Write(place, elements, bytes, static (to, e) => BinaryPrimitives.WriteSingleLittleEndian(to, OneForm.Of(e))); break;
            case double[] elements: Write(place, elements, bytes, static (to, e) => BinaryPrimitives.WriteDoubleLittleEndian(to, OneForm.Of(e))); break;
            case var integers: MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetArrayDataReference(integers!), integers!.Length * bytes).CopyTo(place); break;
        }
    }

    public static FeatureValue Read(ReadOnlySpan<byte> place, Column column)
    {
        var (kind, length) = (column.Type.Kind, column.Type.VectorLength);
        if (length == 0)
        {
            return ReadScalar(place, column);
        }

        Array elements = kind switch
        {
            ColumnKind.Bool => new bool[length],
            ColumnKind.Int8 => new sbyte[length],
            ColumnKind.Int16 => new short[length],
            ColumnKind.Int32 => new int[length],
            ColumnKind.Int64 => new long[length],
            ColumnKind.UInt8 => new byte[length],
            ColumnKind.UInt16 => new ushort[length],
            ColumnKind.UInt32 => new uint[length],
            ColumnKind.UInt64 => new ulong[length],
            ColumnKind.Half => new System.Half[length],
            ColumnKind.Float => new float[length],
            _ => new double[length],
        };
        var bytes = length * ColumnType.ElementBytes(kind);
        place[..bytes].CopyTo(MemoryMarshal.CreateSpan(ref MemoryMarshal.GetArrayDataReference(elements), bytes));
        return FeatureValue.Of(elements);
    }

    /// <summary>An element as a float: rounded once.</summary>
    public static float Float(ReadOnlySpan<byte> place, ColumnKind kind) => kind switch
    {
        ColumnKind.Bool or ColumnKind.UInt8 => place[0],
        ColumnKind.Int8 => (sbyte)place[0],
        ColumnKind.Int16 => BinaryPrimitives.ReadInt16LittleEndian(place),
        ColumnKind.Int32 or ColumnKind.Category => BinaryPrimitives.ReadInt32LittleEndian(place),
        ColumnKind.Int64 => BinaryPrimitives.ReadInt64LittleEndian(place),
        ColumnKind.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(place),
        ColumnKind.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(place),
        ColumnKind.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(place),
        ColumnKind.Half => (float)BinaryPrimitives.ReadHalfLittleEndian(place),
        ColumnKind.Float => BinaryPrimitives.ReadSingleLittleEndian(place),
        _ => (float)BinaryPrimitives.ReadDoubleLittleEndian(place),
    };

    /// <summary>A number as a column of a width has it.</summary>
    public static double Rounded(in FeatureValue value, ColumnKind kind) => kind switch
    {
        ColumnKind.Half => (double)(Half)value.Number,
        ColumnKind.Float => FloatOf(value),
        _ => value.Number,
    };

    private static void Write<T>(Span<byte> place, T[] elements, int bytes, Action<Span<byte>, T> write)
    {
        foreach (var element in elements)
        {
            write(place, element);
            place = place[bytes..];
        }
    }

    private static void WriteScalar(Span<byte> place, Column column, in FeatureValue value)
    {
        switch (column.Type.Kind)
        {
            case ColumnKind.Bool or ColumnKind.Int8 or ColumnKind.UInt8: place[0] = (byte)value.Integer; break;
            case ColumnKind.Int16 or ColumnKind.UInt16: BinaryPrimitives.WriteInt16LittleEndian(place, (short)value.Integer); break;
            case ColumnKind.Int32 or ColumnKind.UInt32: BinaryPrimitives.WriteInt32LittleEndian(place, (int)value.Integer); break;
            case ColumnKind.Half: BinaryPrimitives.WriteHalfLittleEndian(place, OneForm.Of((Half)value.Number)); break;
            case ColumnKind.Float: BinaryPrimitives.WriteSingleLittleEndian(place, FloatOf(value)); break;
            case ColumnKind.Double: BinaryPrimitives.WriteDoubleLittleEndian(place, OneForm.Of(value.Number)); break;
            case ColumnKind.Category: BinaryPrimitives.WriteInt32LittleEndian(place, column.Categories.IndexOf(value.Text!)); break;
            case ColumnKind.Guid: value.Guid.TryWriteBytes(place); break;
            default: BinaryPrimitives.WriteInt64LittleEndian(place, value.Integer); break;
        }
    }

    // An integer becomes a float without being a double in between, which would round it twice.
    private static float FloatOf(in FeatureValue value) => value.Type.Kind switch
    {
        ColumnKind.Int64 => value.Integer,
        ColumnKind.UInt64 => (ulong)value.Integer,
        _ => OneForm.Of((float)value.Number),
    };

    private static FeatureValue ReadScalar(ReadOnlySpan<byte> place, Column column) => column.Type.Kind switch
    {
        ColumnKind.Bool => place[0] != 0,
        ColumnKind.Int8 => (long)(sbyte)place[0],
        ColumnKind.Int16 => (long)BinaryPrimitives.ReadInt16LittleEndian(place),
        ColumnKind.Int32 => (long)BinaryPrimitives.ReadInt32LittleEndian(place),
        ColumnKind.Int64 => BinaryPrimitives.ReadInt64LittleEndian(place),
        ColumnKind.UInt8 => (long)place[0],
        ColumnKind.UInt16 => (long)BinaryPrimitives.ReadUInt16LittleEndian(place),
        ColumnKind.UInt32 => (long)BinaryPrimitives.ReadUInt32LittleEndian(place),
        ColumnKind.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(place),
        ColumnKind.Half => (double)BinaryPrimitives.ReadHalfLittleEndian(place),
        ColumnKind.Float => (double)BinaryPrimitives.ReadSingleLittleEndian(place),
        ColumnKind.Double => BinaryPrimitives.ReadDoubleLittleEndian(place),
        ColumnKind.Category => CategoryOf(column, BinaryPrimitives.ReadInt32LittleEndian(place)),
        ColumnKind.Timestamp => FeatureTime.FromMicros(BinaryPrimitives.ReadInt64LittleEndian(place)),
        _ => new Guid(place[..16]),
    };

    private static string CategoryOf(Column column, int number) => (uint)number < (uint)column.Categories.Length
        ? column.Categories[number]
        : throw InvalidRow.Of($"A row has the category {number} for '{column.Name}', which has {column.Categories.Length}.");
}
