using System.Globalization;
using Mlp.Core;

namespace Mlp.Edge;

/// <summary>
/// <c>Cast</c> of texts to numbers, as C's <c>strtod</c> and <c>strtoll</c> read them: white space in front, then as many characters as make a number;
/// what follows is not looked at.
/// </summary>
internal sealed class TextToNumber(string node, EdgeValue input, EdgeValue output) : IEdgeOperator
{
    public void Run(in EdgeFrame frame)
    {
        for (var i = 0; i < frame.Rows * output.Width; i++)
        {
            switch (output.Type)
            {
                case ElementType.Float32: frame.Of<float>(output)[i] = (float)Float(frame, i); break;
                case ElementType.Float64: frame.Of<double>(output)[i] = Float(frame, i); break;
                case ElementType.Int64: frame.Of<long>(output)[i] = Whole(frame, i, long.MinValue, long.MaxValue); break;
                case ElementType.Int32: frame.Of<int>(output)[i] = (int)Whole(frame, i, int.MinValue, int.MaxValue); break;
                default: frame.Of<byte>(output)[i] = Whole(frame, i, long.MinValue, long.MaxValue) != 0 ? (byte)1 : (byte)0; break;
            }
        }
    }

    private double Float(in EdgeFrame frame, int at)
    {
        var text = frame.Text(input, at).AsSpan().TrimStart();
        var start = text is ['+' or '-', ..] ? 1 : 0;
        var rest = text[start..];
        if (rest.StartsWith("nan", StringComparison.OrdinalIgnoreCase))
        {
            return double.NaN;
        }

        if (rest.StartsWith("inf", StringComparison.OrdinalIgnoreCase))
        {
            return text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
        }

        var end = start + Digits(rest);
        var digits = end - start;
        if (end < text.Length && text[end] == '.')
        {
            var fraction = Digits(text[(end + 1)..]);
            digits += fraction;
            end += digits > 0 ? 1 + fraction : 0;
        }

        if (digits > 0 && end < text.Length && text[end] is 'e' or 'E')
        {
            var sign = end + 1 < text.Length && text[end + 1] is '+' or '-' ? 1 : 0;
            var exponent = Digits(text[(end + 1 + sign)..]);
            end += exponent > 0 ? 1 + sign + exponent : 0;
        }

        return digits > 0 && double.TryParse(text[..end], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw NoNumber(frame, at);
    }

    private long Whole(in EdgeFrame frame, int at, long min, long max)
    {
        var text = frame.Text(input, at).AsSpan().TrimStart();
        var start = text is ['+' or '-', ..] ? 1 : 0;
        var end = start + Digits(text[start..]);
        return end > start && long.TryParse(text[..end], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw NoNumber(frame, at);
    }

    private static int Digits(ReadOnlySpan<char> text)
    {
        var count = text.IndexOfAnyExceptInRange('0', '9');
        return count < 0 ? text.Length : count;
    }

    private MlpException NoNumber(in EdgeFrame frame, int at) =>
        new(ErrorCodes.TensorMismatch, $"{node}: row {at / input.Width} has the text '{frame.Text(input, at)}'; expected one that begins with a number of {output.Type.Name()}.");
}

/// <summary>
/// <c>Cast</c> of numbers to texts, as ONNX Runtime writes them: whole numbers and bools in decimal, floats with 8 digits (C's <c>%.8g</c>), NaN, INF and -INF.
/// The only operator that allocates while it runs: its texts are new.
/// </summary>
internal sealed class NumberToText(EdgeValue input, EdgeValue output) : IEdgeOperator
{
    public void Run(in EdgeFrame frame)
    {
        var texts = frame.Texts(output);
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = input.Type switch
            {
                ElementType.Float32 => Text(frame.Of<float>(input)[i]),
                ElementType.Float64 => Text(frame.Of<double>(input)[i]),
                ElementType.Int64 => frame.Of<long>(input)[i].ToString(CultureInfo.InvariantCulture),
                ElementType.Int32 => frame.Of<int>(input)[i].ToString(CultureInfo.InvariantCulture),
                _ => frame.Of<byte>(input)[i] != 0 ? "1" : "0",
            };
        }
    }

    private static string Text(double x) => double.IsNaN(x) ? "NaN"
        : double.IsInfinity(x) ? x < 0 ? "-INF" : "INF"
        : x.ToString("g8", CultureInfo.InvariantCulture);
}
