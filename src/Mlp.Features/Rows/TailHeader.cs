using System.Buffers.Binary;

namespace Mlp.Features;

/// <summary>The first bytes of MessagePack's texts and arrays, in their shortest form.</summary>
internal static class TailHeader
{
    private const byte FixText = 0xa0;
    private const byte Text8 = 0xd9;
    private const byte FixList = 0x90;
    private const byte List16 = 0xdc;
    private const int FixTextMax = 31;
    private const int FixListMax = 15;

    public static int TextBytes(int bytes) => bytes <= FixTextMax ? 1 : bytes <= byte.MaxValue ? 2 : bytes <= ushort.MaxValue ? 3 : 5;

    public static int ListBytes(int count) => count <= FixListMax ? 1 : count <= ushort.MaxValue ? 3 : 5;

    public static int WriteText(Span<byte> to, int bytes)
    {
        switch (TextBytes(bytes))
        {
            case 1:
                to[0] = (byte)(FixText | bytes);
                return 1;
            case 2:
                (to[0], to[1]) = (Text8, (byte)bytes);
                return 2;
            default:
                return WriteLong(to, Text8 + 1, bytes);
        }
    }

    public static int WriteList(Span<byte> to, int count)
    {
        if (count > FixListMax)
        {
            return WriteLong(to, List16, count);
        }

        to[0] = (byte)(FixList | count);
        return 1;
    }

    public static bool TryReadText(ref ReadOnlySpan<byte> from, out int bytes)
    {
        bytes = 0;
        if (from.IsEmpty)
        {
            return false;
        }

        var first = from[0];
        if ((first & 0xe0) == FixText)
        {
            bytes = first & FixTextMax;
            from = from[1..];
            return true;
        }

        if (first == Text8 && from.Length > 1)
        {
            bytes = from[1];
            from = from[2..];
            return true;
        }

        return TryReadLong(ref from, Text8 + 1, out bytes);
    }

    public static bool TryReadList(ref ReadOnlySpan<byte> from, out int count)
    {
        count = 0;
        if (!from.IsEmpty && (from[0] & 0xf0) == FixList)
        {
            count = from[0] & FixListMax;
            from = from[1..];
            return true;
        }

        return TryReadLong(ref from, List16, out count);
    }

    // The form with a length of 16 bits; that with 32 has the next number.
    private static int WriteLong(Span<byte> to, byte mark, int length)
    {
        if (length <= ushort.MaxValue)
        {
            to[0] = mark;
            BinaryPrimitives.WriteUInt16BigEndian(to[1..], (ushort)length);
            return 3;
        }

        to[0] = (byte)(mark + 1);
        BinaryPrimitives.WriteInt32BigEndian(to[1..], length);
        return 5;
    }

    private static bool TryReadLong(ref ReadOnlySpan<byte> from, byte mark, out int length)
    {
        length = 0;
        if (from.Length >= 3 && from[0] == mark)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(from[1..]);
            from = from[3..];
            return true;
        }

        if (from.Length >= 5 && from[0] == mark + 1)
        {
            length = BinaryPrimitives.ReadInt32BigEndian(from[1..]);
            from = from[5..];
            return length >= 0;
        }

        return false;
    }
}
