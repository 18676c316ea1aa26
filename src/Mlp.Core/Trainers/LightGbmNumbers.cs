using System.Buffers.Text;
using System.Globalization;

namespace Mlp.Core;

/// <summary>Numbers of a LightGBM model, alone or in a list with spaces between. Each is read whole, and doubles to the last bit.</summary>
internal ref struct LightGbmNumbers(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    /// <summary>How many a list has; counted before memory is taken for them.</summary>
    public static int Count(ReadOnlySpan<byte> text)
    {
        var numbers = new LightGbmNumbers(text);
        var count = 0;
        while (numbers.Next(out _))
        {
            count++;
        }

        return count;
    }

    public static bool TryInt32(ReadOnlySpan<byte> text, out int value) => Utf8Parser.TryParse(text, out value, out var read) && read == text.Length;

    public static bool TryUInt32(ReadOnlySpan<byte> text, out uint value) => Utf8Parser.TryParse(text, out value, out var read) && read == text.Length;

    public static bool TryDouble(ReadOnlySpan<byte> text, out double value)
    {
        // As C writes them.
        value = text switch
        {
            _ when text.SequenceEqual("inf"u8) => double.PositiveInfinity,
            _ when text.SequenceEqual("-inf"u8) => double.NegativeInfinity,
            _ when text.SequenceEqual("nan"u8) || text.SequenceEqual("-nan"u8) => double.NaN,
            _ => 0,
        };
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return value != 0 || double.TryParse(text, Style, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>The next piece between spaces; false at the end.</summary>
    public bool Next(out ReadOnlySpan<byte> token)
    {
        _rest = _rest.TrimStart((byte)' ');
        var length = _rest.IndexOf((byte)' ');
        token = length < 0 ? _rest : _rest[..length];
        _rest = _rest[token.Length..];
        return !token.IsEmpty;
    }
}
