using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;

namespace Mlp.Features.Generators;

/// <summary>Pieces of C#.</summary>
internal static class Code
{
    public const string Room = "global::Mlp.Features.";

    public static string Text(string text) => SymbolDisplay.FormatLiteral(text, quote: true);

    public static string Text(string? text, string otherwise) => text is null ? otherwise : Text(text);

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Truth(bool value) => value ? "true" : "false";

    /// <summary>
    /// A number as .NET of today writes it: the fewest digits that are read back as the same. The compiler may run on a framework that
    /// writes others, and a digest is made of them.
    /// </summary>
    public static string RoundTrip(double value)
    {
        if (double.IsNaN(value) || double.IsInfinity(value))
        {
            return double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
        }

        var text = "";
        for (var digits = 1; digits <= 17; digits++)
        {
            text = value.ToString("E" + Number(digits - 1), CultureInfo.InvariantCulture);
            if (double.Parse(text, CultureInfo.InvariantCulture) == value)
            {
                break;
            }
        }

        var sign = text[0] == '-' || (value == 0 && BitConverter.DoubleToInt64Bits(value) < 0) ? "-" : "";
        var mark = text.IndexOf('E');
        var exponent = int.Parse(text.Substring(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var digitsOnly = text.Substring(0, mark).TrimStart('-').Replace(".", "").TrimEnd('0');
        return sign + (digitsOnly.Length == 0 ? "0" : Place(digitsOnly, exponent));
    }

    // Digits d1 d2 … stand for d1.d2… times ten to the exponent.
    private static string Place(string digits, int exponent)
    {
        if (exponent is < -4 or >= 17)
        {
            var fraction = digits.Length > 1 ? "." + digits.Substring(1) : "";
            return $"{digits[0]}{fraction}E{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}";
        }

        if (exponent < 0)
        {
            return "0." + new string('0', -exponent - 1) + digits;
        }

        return digits.Length <= exponent + 1 ? digits.PadRight(exponent + 1, '0') : digits.Substring(0, exponent + 1) + "." + digits.Substring(exponent + 1);
    }
}
