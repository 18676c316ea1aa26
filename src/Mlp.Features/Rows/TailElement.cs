using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Mlp.Features;

/// <summary>Elements of lists as MessagePack has them; the same bytes as <see cref="RowTail"/>. Which type it is, the compiler of the machine's code knows.</summary>
internal static class TailElement
{
    private const byte False = 0xc2;
    private const byte True = 0xc3;
    private const byte Bytes8 = 0xc4;
    private const byte Single = 0xca;
    private const byte Double = 0xcb;
    private const int GuidBytes = 16;

    public static int SizeOf<T>(T value)
    {
        if (typeof(T) == typeof(string))
        {
            var bytes = Encoding.UTF8.GetByteCount(Unsafe.As<T, string>(ref value) ?? "");
            return TailHeader.TextBytes(bytes) + bytes;
        }

        return typeof(T) == typeof(bool) ? 1
            : typeof(T) == typeof(float) || typeof(T) == typeof(Half) ? 1 + sizeof(float)
            : typeof(T) == typeof(double) ? 1 + sizeof(double)
            : typeof(T) == typeof(Guid) ? 2 + GuidBytes
            : typeof(T) == typeof(ulong) ? TailInteger.SizeOf(Unsafe.As<T, ulong>(ref value))
            : TailInteger.SizeOf(Integer(value));
    }

    public static int Write<T>(Span<byte> to, T value)
    {
        if (typeof(T) == typeof(string))
        {
            var text = Unsafe.As<T, string>(ref value);
            return WriteText(to, text, Encoding.UTF8.GetByteCount(text));
        }

        if (typeof(T) == typeof(bool))
        {
            to[0] = Unsafe.As<T, bool>(ref value) ? True : False;
            return 1;
        }

        if (typeof(T) == typeof(float) || typeof(T) == typeof(Half))
        {
            var number = Number(typeof(T) == typeof(Half) ? (float)Unsafe.As<T, Half>(ref value) : Unsafe.As<T, float>(ref value));
            to[0] = Single;
            BinaryPrimitives.WriteSingleBigEndian(to[1..], number);
            return 1 + sizeof(float);
        }

        if (typeof(T) == typeof(double))
        {
            to[0] = Double;
            BinaryPrimitives.WriteDoubleBigEndian(to[1..], Number(Unsafe.As<T, double>(ref value)));
            return 1 + sizeof(double);
        }

        if (typeof(T) == typeof(Guid))
        {
            (to[0], to[1]) = (Bytes8, GuidBytes);
            Unsafe.As<T, Guid>(ref value).TryWriteBytes(to[2..]);
            return 2 + GuidBytes;
        }

        return typeof(T) == typeof(ulong) ? TailInteger.Write(to, Unsafe.As<T, ulong>(ref value)) : TailInteger.Write(to, Integer(value));
    }

    public static int WriteText(Span<byte> to, string text, int bytes)
    {
        var header = TailHeader.WriteText(to, bytes);
        return header + Encoding.UTF8.GetBytes(text, to[header..]);
    }

    public static bool TryReadText(ref ReadOnlySpan<byte> from, out string text)
    {
        text = "";
        if (!TailHeader.TryReadText(ref from, out var bytes) || bytes > from.Length)
        {
            return false;
        }

        text = Encoding.UTF8.GetString(from[..bytes]);
        from = from[bytes..];
        return true;
    }

    public static bool TryRead<T>(ref ReadOnlySpan<byte> from, out T value)
    {
        if (typeof(T) == typeof(string))
        {
            var isText = TryReadText(ref from, out var text);
            value = Unsafe.As<string, T>(ref text);
            return isText;
        }

        value = default!;
        if (typeof(T) == typeof(bool))
        {
            var isTrue = !from.IsEmpty && from[0] == True;
            value = Unsafe.As<bool, T>(ref isTrue);
            return Take(ref from, isTrue ? True : False, 0, out _);
        }

        if (typeof(T) == typeof(float) || typeof(T) == typeof(Half))
        {
            var isThere = Take(ref from, Single, sizeof(float), out var bytes);
            var single = isThere ? BinaryPrimitives.ReadSingleBigEndian(bytes) : 0;
            var half = (Half)single;
            value = typeof(T) == typeof(Half) ? Unsafe.As<Half, T>(ref half) : Unsafe.As<float, T>(ref single);
            return isThere;
        }

        if (typeof(T) == typeof(double))
        {
            var isThere = Take(ref from, Double, sizeof(double), out var bytes);
            var number = isThere ? BinaryPrimitives.ReadDoubleBigEndian(bytes) : 0;
            value = Unsafe.As<double, T>(ref number);
            return isThere;
        }

        if (typeof(T) == typeof(Guid))
        {
            var isThere = Take(ref from, Bytes8, 1 + GuidBytes, out var bytes) && bytes[0] == GuidBytes;
            var guid = isThere ? new Guid(bytes[1..]) : default;
            value = Unsafe.As<Guid, T>(ref guid);
            return isThere;
        }

        return TailInteger.TryRead(ref from, out var integer, out var isAbove) && TryNarrow(integer, isAbove, out value);
    }

    /// <summary>A number as rows have it: every NaN the same, and no zero with a sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Number<T>(T value)
    {
        if (typeof(T) == typeof(float))
        {
            Unsafe.As<T, float>(ref value) = OneForm.Of(Unsafe.As<T, float>(ref value));
        }
        else if (typeof(T) == typeof(double))
        {
            Unsafe.As<T, double>(ref value) = OneForm.Of(Unsafe.As<T, double>(ref value));
        }
        else if (typeof(T) == typeof(Half))
        {
            Unsafe.As<T, Half>(ref value) = OneForm.Of(Unsafe.As<T, Half>(ref value));
        }

        return value;
    }

    private static bool Take(ref ReadOnlySpan<byte> from, byte mark, int bytes, out ReadOnlySpan<byte> taken)
    {
        if (from.Length <= bytes || from[0] != mark)
        {
            taken = default;
            return false;
        }

        taken = from.Slice(1, bytes);
        from = from[(1 + bytes)..];
        return true;
    }

    private static long Integer<T>(T value) =>
        typeof(T) == typeof(sbyte) ? Unsafe.As<T, sbyte>(ref value)
        : typeof(T) == typeof(byte) ? Unsafe.As<T, byte>(ref value)
        : typeof(T) == typeof(short) ? Unsafe.As<T, short>(ref value)
        : typeof(T) == typeof(ushort) ? Unsafe.As<T, ushort>(ref value)
        : typeof(T) == typeof(int) ? Unsafe.As<T, int>(ref value)
        : typeof(T) == typeof(uint) ? Unsafe.As<T, uint>(ref value)
        : typeof(T) == typeof(long) ? Unsafe.As<T, long>(ref value)
        : typeof(T) == typeof(DateTime) ? FeatureTime.Micros(Unsafe.As<T, DateTime>(ref value))
        : throw new UnreachableException($"{typeof(T)} is no element of a list.");

    private static bool TryNarrow<T>(long integer, bool isAbove, out T value)
    {
        Unsafe.SkipInit(out value);
        if (typeof(T) == typeof(ulong))
        {
            Unsafe.As<T, long>(ref value) = integer;
            return isAbove || integer >= 0;
        }

        if (typeof(T) == typeof(DateTime))
        {
            var isTime = !isAbove && integer >= FeatureTime.MicrosMin && integer <= FeatureTime.MicrosMax;
            Unsafe.As<T, DateTime>(ref value) = isTime ? FeatureTime.FromMicros(integer) : default;
            return isTime;
        }

        return !isAbove && (
            typeof(T) == typeof(sbyte) ? Narrow(integer, out Unsafe.As<T, sbyte>(ref value))
            : typeof(T) == typeof(byte) ? Narrow(integer, out Unsafe.As<T, byte>(ref value))
            : typeof(T) == typeof(short) ? Narrow(integer, out Unsafe.As<T, short>(ref value))
            : typeof(T) == typeof(ushort) ? Narrow(integer, out Unsafe.As<T, ushort>(ref value))
            : typeof(T) == typeof(int) ? Narrow(integer, out Unsafe.As<T, int>(ref value))
            : typeof(T) == typeof(uint) ? Narrow(integer, out Unsafe.As<T, uint>(ref value))
            : typeof(T) == typeof(long) ? Narrow(integer, out Unsafe.As<T, long>(ref value))
            : throw new UnreachableException($"{typeof(T)} is no element of a list."));
    }

    private static bool Narrow<TInteger>(long integer, out TInteger value)
        where TInteger : INumber<TInteger>
    {
        value = TInteger.CreateTruncating(integer);
        return long.CreateTruncating(value) == integer;
    }
}
