using System.Numerics;
using System.Runtime.InteropServices;

namespace Mlp.Features;

/// <summary>A text as a number that fits into a float exactly: the first 24 bits of its hash. The same everywhere, so a model's categories may be looked up by it.</summary>
public static class CategoryCode
{
    private const ulong Odd = 0x9e3779b97f4a7c15;
    private const ulong Other = 0xd6e8feb86659fd93;

    /// <summary>A text's code, 0 to 16,777,215.</summary>
    public static float Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Of(Hash(text));
    }

    internal static float Of(long hash) => (ulong)hash >> 40;

    /// <summary>64 bits of a text: multiplications of 64 × 64 bits over four characters at a time, folded.</summary>
    internal static long Hash(ReadOnlySpan<char> text)
    {
        var bytes = MemoryMarshal.AsBytes(text);
        var hash = Odd ^ (ulong)bytes.Length;
        while (bytes.Length >= sizeof(ulong))
        {
            hash = Fold(hash ^ MemoryMarshal.Read<ulong>(bytes), Other);
            bytes = bytes[sizeof(ulong)..];
        }

        ulong rest = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            rest |= (ulong)bytes[i] << (8 * i);
        }

        return (long)Mix(Fold(hash ^ rest, Odd));
    }

    /// <summary>Mixes 64 bits so that each of them decides about every other (the last steps of MurmurHash3).</summary>
    internal static ulong Mix(ulong bits)
    {
        bits = (bits ^ (bits >> 33)) * 0xff51afd7ed558ccd;
        bits = (bits ^ (bits >> 33)) * 0xc4ceb9fe1a85ec53;
        return bits ^ (bits >> 33);
    }

    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right | 1, out var low);
        return BitOperations.RotateLeft(high ^ low, 27) * Odd;
    }
}
