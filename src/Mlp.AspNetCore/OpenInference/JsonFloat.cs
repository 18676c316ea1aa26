using System.Text.Json;

namespace Mlp.AspNetCore;

/// <summary>
/// JSON's numbers as floats. Most have few digits and a small exponent; those are made of two exact doubles by one operation (W. Clinger, How
/// to read floating point numbers accurately, 1990). What that leaves in doubt goes to the library's parser, so the bits are always the nearest float's.
/// </summary>
internal static class JsonFloat
{
    private const int DigitsMax = 15;

    private static readonly double[] PowersOf10 =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// <summary>Reads the number that the reader stands on.</summary>
    public static bool TryRead(ref Utf8JsonReader json, out float number) =>
        (!json.HasValueSequence && TryReadShort(json.ValueSpan, out number)) || json.TryGetSingle(out number);

    /// <summary>Reads a number of few digits.</summary>
    /// <param name="text">A number as JSON's grammar has it.</param>
    /// <param name="number">The nearest float.</param>
    /// <returns>False for one that needs the whole way.</returns>
    internal static bool TryReadShort(ReadOnlySpan<byte> text, out float number)
    {
        number = 0;
        var at = text is [(byte)'-', ..] ? 1 : 0;
        var isNegative = at == 1;
        long digits = 0;
        var (count, fraction, point) = (0, 0, false);
        for (; at < text.Length; at++)
        {
            var c = text[at];
            if (c == '.')
            {
                point = true;
                continue;
            }

            if (!char.IsAsciiDigit((char)c))
            {
                // An exponent: rare, and the library's.
                return false;
            }

            digits = (digits * 10) + (c - '0');
            count++;
            fraction += point ? 1 : 0;
            if (count > DigitsMax)
            {
                return false;
            }
        }

        // Up to 15 digits and the powers of ten up to 22 are exact doubles, so the quotient is the nearest double.
        var value = digits / PowersOf10[fraction];

        // Its nearest float is the text's own, unless the double lies in the middle of two floats, where the text may lie on either side.
        if ((BitConverter.DoubleToInt64Bits(value) & 0x1FFF_FFFF) == 0x1000_0000 || (value < 1.17549435e-38 && value != 0))
        {
            return false;
        }

        number = (float)(isNegative ? -value : value);
        return true;
    }
}
