using System.Buffers.Binary;

namespace Mlp.Features;

/// <summary>MessagePack's integers, in their shortest form: of what is not negative the unsigned one.</summary>
internal static class TailInteger
{
    private const byte UInt8 = 0xcc;
    private const byte Int8 = 0xd0;
    private const byte FixMax = 0x7f;
    private const int NegativeFixMin = -32;

    public static int SizeOf(long value) => value >= 0 ? SizeOf((ulong)value)
        : value >= NegativeFixMin ? 1 : value >= sbyte.MinValue ? 2 : value >= short.MinValue ? 3 : value >= int.MinValue ? 5 : 9;

    public static int SizeOf(ulong value) => value <= FixMax ? 1 : value <= byte.MaxValue ? 2 : value <= ushort.MaxValue ? 3 : value <= uint.MaxValue ? 5 : 9;

    public static int Write(Span<byte> to, long value)
    {
        if (value >= 0)
        {
            return Write(to, (ulong)value);
        }

        var size = SizeOf(value);
        return size == 1 ? WriteFix(to, (byte)value) : WriteLong(to, Int8, size, (ulong)value);
    }

    public static int Write(Span<byte> to, ulong value)
    {
        var size = SizeOf(value);
        return size == 1 ? WriteFix(to, (byte)value) : WriteLong(to, UInt8, size, value);
    }

    /// <summary>Reads an integer; what is above a signed one's range has its bits, and says so.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> from, out long value, out bool isAbove)
    {
        (value, isAbove) = (0, false);
        if (from.IsEmpty)
        {
            return false;
        }

        var first = from[0];
        if (first is <= FixMax or >= 0xe0)
        {
            value = (sbyte)first;
            from = from[1..];
            return true;
        }

        var isSigned = first is >= Int8 and <= Int8 + 3;
        if (!isSigned && first is not (>= UInt8 and <= UInt8 + 3))
        {
            return false;
        }

        var bytes = 1 << (first & 3);
        if (from.Length <= bytes)
        {
            return false;
        }

        Span<byte> whole = stackalloc byte[sizeof(long)];
        whole.Fill(isSigned && from[1] >= 0x80 ? byte.MaxValue : (byte)0);
        from.Slice(1, bytes).CopyTo(whole[(sizeof(long) - bytes)..]);
        value = BinaryPrimitives.ReadInt64BigEndian(whole);
        isAbove = !isSigned && value < 0;
        from = from[(1 + bytes)..];
        return true;
    }

    private static int WriteFix(Span<byte> to, byte value)
    {
        to[0] = value;
        return 1;
    }

    // A mark for 8, 16, 32 and 64 bits each, one after the other.
    private static int WriteLong(Span<byte> to, byte mark8, int size, ulong value)
    {
        to = to[..size];
        to[0] = (byte)(mark8 + System.Numerics.BitOperations.Log2((uint)(size - 1)));
        for (var i = size - 1; i > 0; i--)
        {
            to[i] = (byte)value;
            value >>= 8;
        }

        return size;
    }
}
