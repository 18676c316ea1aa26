using System.Runtime.InteropServices;

namespace Mlp.Features;

/// <summary>An event's values in the journal: to the bit as they were pushed, whatever their columns make of them.</summary>
internal static class JournalValues
{
    private const byte Missing = 0;
    private const byte Scalar = 1;
    private const byte Elements = 2;
    private const int GuidBytes = 16;

    public static void Write(JournalBuffer entry, in FeatureValue value)
    {
        if (value.IsMissing)
        {
            entry.Byte(Missing);
            return;
        }

        if (value.Elements is { } elements)
        {
            entry.Byte(Elements);
            entry.Byte((byte)value.Type.Kind);
            Write(entry, elements);
            return;
        }

        entry.Byte(Scalar);
        entry.Byte((byte)value.Type.Kind);
        switch (value.Type.Kind)
        {
            case ColumnKind.Text:
                entry.Text(value.Text!);
                break;
            case ColumnKind.Double:
                entry.Int64(BitConverter.DoubleToInt64Bits(value.Number));
                break;
            case ColumnKind.Guid:
                value.Guid.TryWriteBytes(entry.Room(GuidBytes));
                break;
            default:
                entry.Int64(value.Integer);
                break;
        }
    }

    public static FeatureValue Read(ref JournalEntryReader entry) => entry.Byte() switch
    {
        Missing => FeatureValue.Missing,
        Scalar => ReadScalar((ColumnKind)entry.Byte(), ref entry),
        Elements => FeatureValue.Of(ReadElements((ColumnKind)entry.Byte(), ref entry)),
        var form => throw new InvalidDataException($"a value of the form {form}"),
    };

    private static FeatureValue ReadScalar(ColumnKind kind, ref JournalEntryReader entry) => kind switch
    {
        ColumnKind.Text => entry.Text(),
        ColumnKind.Double => BitConverter.Int64BitsToDouble(entry.Int64()),
        ColumnKind.Guid => new Guid(entry.Take(GuidBytes)),
        ColumnKind.Int64 => entry.Int64(),
        ColumnKind.UInt64 => (ulong)entry.Int64(),
        ColumnKind.Bool => entry.Int64() != 0,
        ColumnKind.Timestamp => Moment(entry.Int64()),
        _ => throw new InvalidDataException($"a value of the kind {kind}"),
    };

    private static void Write(JournalBuffer entry, Array elements)
    {
        entry.Int32(elements.Length);
        switch (elements)
        {
            case string[] texts:
                foreach (var text in texts)
                {
                    entry.Text(text);
                }

                break;
            case DateTime[] moments:
                foreach (var moment in moments)
                {
                    entry.Int64(FeatureTime.Micros(moment));
                }

                break;
            case bool[] or sbyte[] or byte[]:
                Raw(elements, 1).CopyTo(entry.Room(elements.Length));
                break;
            case short[] or ushort[] or System.Half[]:
                Raw(elements, 2).CopyTo(entry.Room(checked(elements.Length * 2)));
                break;
            case int[] or uint[] or float[]:
                Raw(elements, 4).CopyTo(entry.Room(checked(elements.Length * 4)));
                break;
            case long[] or ulong[] or double[]:
                Raw(elements, 8).CopyTo(entry.Room(checked(elements.Length * 8)));
                break;
            case Guid[]:
                Raw(elements, 16).CopyTo(entry.Room(checked(elements.Length * 16)));
                break;
            default:
                throw new InvalidOperationException($"Elements of {elements.GetType()} are none of a column.");
        }
    }

    private static Array ReadElements(ColumnKind kind, ref JournalEntryReader entry)
    {
        switch (kind)
        {
            case ColumnKind.Text:
                var texts = new string[entry.Count(sizeof(int))];
                for (var i = 0; i < texts.Length; i++)
                {
                    texts[i] = entry.Text();
                }

                return texts;
            case ColumnKind.Timestamp:
                var moments = new DateTime[entry.Count(sizeof(long))];
                for (var i = 0; i < moments.Length; i++)
                {
                    moments[i] = Moment(entry.Int64());
                }

                return moments;
            default:
                var bytes = BytesOf(kind);
                var elements = NewArray(kind, entry.Count(bytes));
                entry.Take(elements.Length * bytes).CopyTo(Raw(elements, bytes));
                return elements;
        }
    }

    private static DateTime Moment(long micros) => micros >= FeatureTime.MicrosMin && micros <= FeatureTime.MicrosMax
        ? FeatureTime.FromMicros(micros)
        : throw new InvalidDataException($"{micros} microseconds, which are no moment");

    private static int BytesOf(ColumnKind kind) => kind switch
    {
        ColumnKind.Bool or ColumnKind.Int8 or ColumnKind.UInt8 => 1,
        ColumnKind.Int16 or ColumnKind.UInt16 or ColumnKind.Half => 2,
        ColumnKind.Int32 or ColumnKind.UInt32 or ColumnKind.Float => 4,
        ColumnKind.Int64 or ColumnKind.UInt64 or ColumnKind.Double => 8,
        ColumnKind.Guid => GuidBytes,
        _ => throw new InvalidDataException($"elements of the kind {kind}"),
    };

    private static Array NewArray(ColumnKind kind, int length) => kind switch
    {
        ColumnKind.Bool => new bool[length],
        ColumnKind.Int8 => new sbyte[length],
        ColumnKind.UInt8 => new byte[length],
        ColumnKind.Int16 => new short[length],
        ColumnKind.UInt16 => new ushort[length],
        ColumnKind.Half => new System.Half[length],
        ColumnKind.Int32 => new int[length],
        ColumnKind.UInt32 => new uint[length],
        ColumnKind.Float => new float[length],
        ColumnKind.Int64 => new long[length],
        ColumnKind.UInt64 => new ulong[length],
        ColumnKind.Double => new double[length],
        _ => new Guid[length],
    };

    private static Span<byte> Raw(Array elements, int bytesEach) =>
        MemoryMarshal.CreateSpan(ref MemoryMarshal.GetArrayDataReference(elements), elements.Length * bytesEach);
}
