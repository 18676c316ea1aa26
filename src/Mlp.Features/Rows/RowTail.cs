using System.Buffers;
using System.Buffers.Binary;
using MessagePack;

namespace Mlp.Features;

/// <summary>
/// Values of variable length behind a row's fixed part, each one MessagePack value: a text is a str; a list an array of bools, integers,
/// 32- or 64-bit floats (a half is a 32-bit one), strs, microseconds of moments, or GUIDs as bin of 16 bytes.
/// </summary>
internal static class RowTail
{
    /// <summary>The bytes of a value.</summary>
    public static ReadOnlySpan<byte> Of(RowSchema schema, ReadOnlySpan<byte> row, in RowField field)
    {
        var offset = BinaryPrimitives.ReadInt32LittleEndian(row[field.Offset..]);
        var length = BinaryPrimitives.ReadInt32LittleEndian(row[(field.Offset + sizeof(int))..]);
        return offset >= schema.FixedBytes && length > 0 && length <= row.Length - offset
            ? row.Slice(offset, length)
            : throw InvalidRow.Of($"The value of '{field.Column.Name}' lies at {offset} and has {length} bytes, in a row of {row.Length}.");
    }

    public static void Write(IBufferWriter<byte> tail, ColumnType type, in FeatureValue value)
    {
        var writer = new MessagePackWriter(tail);
        if (!type.IsList)
        {
            writer.Write(value.Text);
        }
        else
        {
            writer.WriteArrayHeader(value.Elements!.Length);
            WriteElements(ref writer, value.Elements);
        }

        writer.Flush();
    }

    public static FeatureValue Read(ReadOnlySpan<byte> bytes, Column column)
    {
        // The reader wants memory; a value of a row is read this way only where there is no struct for it.
        var reader = new MessagePackReader(bytes.ToArray());
        try
        {
            FeatureValue value = column.Type.IsList ? FeatureValue.Of(ReadElements(ref reader, column.Type.Kind, reader.ReadArrayHeader())) : reader.ReadString();
            return reader.End && !value.IsMissing ? value : throw InvalidRow.Of($"The value of '{column.Name}' is followed by others, or missing.");
        }
        catch (Exception e) when (e is MessagePackSerializationException or EndOfStreamException or OverflowException or ArgumentException)
        {
            throw InvalidRow.Of($"The value of '{column.Name}' is damaged: {e.Message}", e);
        }
    }

    private static void WriteElements(ref MessagePackWriter writer, Array elements)
    {
        foreach (var element in elements)
        {
            switch (element)
            {
                case bool e: writer.Write(e); break;
                case sbyte e: writer.Write(e); break;
                case short e: writer.Write(e); break;
                case int e: writer.Write(e); break;
                case long e: writer.Write(e); break;
                case byte e: writer.Write(e); break;
                case ushort e: writer.Write(e); break;
                case uint e: writer.Write(e); break;
                case ulong e: writer.Write(e); break;
                case System.Half e: writer.Write((float)OneForm.Of(e)); break;
                case float e: writer.Write(OneForm.Of(e)); break;
                case double e: writer.Write(OneForm.Of(e)); break;
                case string e: writer.Write(e); break;
                case DateTime e: writer.Write(FeatureTime.Micros(e)); break;
                case Guid e: writer.Write(e.ToByteArray()); break;
            }
        }
    }

    private static Array ReadElements(ref MessagePackReader reader, ColumnKind kind, int count) => kind switch
    {
        ColumnKind.Bool => Read(ref reader, count, static (ref r) => r.ReadBoolean()),
        ColumnKind.Int8 => Read(ref reader, count, static (ref r) => r.ReadSByte()),
        ColumnKind.Int16 => Read(ref reader, count, static (ref r) => r.ReadInt16()),
        ColumnKind.Int32 => Read(ref reader, count, static (ref r) => r.ReadInt32()),
        ColumnKind.Int64 => Read(ref reader, count, static (ref r) => r.ReadInt64()),
        ColumnKind.UInt8 => Read(ref reader, count, static (ref r) => r.ReadByte()),
        ColumnKind.UInt16 => Read(ref reader, count, static (ref r) => r.ReadUInt16()),
        ColumnKind.UInt32 => Read(ref reader, count, static (ref r) => r.ReadUInt32()),
        ColumnKind.UInt64 => Read(ref reader, count, static (ref r) => r.ReadUInt64()),
        ColumnKind.Half => Read(ref reader, count, static (ref r) => (Half)r.ReadSingle()),
        ColumnKind.Float => Read(ref reader, count, static (ref r) => r.ReadSingle()),
        ColumnKind.Double => Read(ref reader, count, static (ref r) => r.ReadDouble()),
        ColumnKind.Text => Read(ref reader, count, static (ref r) => r.ReadString() ?? throw new MessagePackSerializationException("an element is nil")),
        ColumnKind.Timestamp => Read(ref reader, count, static (ref r) => FeatureTime.FromMicros(r.ReadInt64())),
        _ => Read(ref reader, count, static (ref r) => new Guid((r.ReadBytes() ?? throw new MessagePackSerializationException("an element is nil")).ToArray())),
    };

    private static T[] Read<T>(ref MessagePackReader reader, int count, Element<T> element)
    {
        var elements = new T[count];
        for (var i = 0; i < count; i++)
        {
            elements[i] = element(ref reader);
        }

        return elements;
    }

    private delegate T Element<T>(ref MessagePackReader reader);
}
