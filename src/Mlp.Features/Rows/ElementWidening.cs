using System.Buffers.Binary;

namespace Mlp.Features;

/// <summary>Copies elements of a row into wider ones of the same sort.</summary>
internal static class ElementWidening
{
    /// <summary>Copies one element, or a vector's.</summary>
    public static void Copy(ReadOnlySpan<byte> from, ColumnType older, Span<byte> to, ColumnType newer)
    {
        var count = Math.Max(1, newer.VectorLength);
        var (narrow, wide) = (ColumnType.ElementBytes(older.Kind), ColumnType.ElementBytes(newer.Kind));
        if (older.Kind == newer.Kind)
        {
            from[..(count * wide)].CopyTo(to);
            return;
        }

        Span<byte> element = stackalloc byte[sizeof(long)];
        for (var i = 0; i < count; i++)
        {
            Widen(from[(i * narrow)..], older.Kind, element, newer.Kind);
            element[..wide].CopyTo(to[(i * wide)..]);
        }
    }

    private static void Widen(ReadOnlySpan<byte> from, ColumnKind older, Span<byte> to, ColumnKind newer)
    {
        switch (newer)
        {
            case ColumnKind.Float: BinaryPrimitives.WriteSingleLittleEndian(to, NotANumber(RowElements.Float(from, older))); break;
            case ColumnKind.Double: BinaryPrimitives.WriteDoubleLittleEndian(to, NotANumber(RowElements.Float(from, older))); break;

            // Little-endian: the first bytes are the integer of the newer width.
            default: BinaryPrimitives.WriteInt64LittleEndian(to, Integer(from, older)); break;
        }
    }

    private static long Integer(ReadOnlySpan<byte> from, ColumnKind kind) => kind switch
    {
        ColumnKind.Int8 => (sbyte)from[0],
        ColumnKind.Int16 => BinaryPrimitives.ReadInt16LittleEndian(from),
        ColumnKind.Int32 => BinaryPrimitives.ReadInt32LittleEndian(from),
        ColumnKind.UInt8 => from[0],
        ColumnKind.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(from),
        _ => BinaryPrimitives.ReadUInt32LittleEndian(from),
    };

    // The one that the codec writes.
    private static float NotANumber(float value) => float.IsNaN(value) ? float.NaN : value;
}
