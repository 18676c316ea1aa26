using Mlp.Core;

namespace Mlp.Edge;

/// <summary>Finds which of a model's keys an element is: a text, or a number, whose bits stand for it.</summary>
internal sealed class KeyIndex
{
    private readonly Dictionary<string, int>? _texts;
    private readonly Dictionary<long, int>? _numbers;
    private readonly EdgeValue _input;

    private KeyIndex(EdgeValue input, Dictionary<string, int>? texts, Dictionary<long, int>? numbers)
    {
        _input = input;
        _texts = texts;
        _numbers = numbers;
    }

    /// <summary>Texts, for an input of texts.</summary>
    /// <param name="input">What is looked up.</param>
    /// <param name="keys">Each stands for its place.</param>
    /// <param name="lastWins">Which of two equal keys is found.</param>
    public static KeyIndex Of(EdgeValue input, IReadOnlyList<string> keys, bool lastWins)
    {
        var index = new Dictionary<string, int>(keys.Count, StringComparer.Ordinal);
        for (var i = 0; i < keys.Count; i++)
        {
            index[keys[i]] = lastWins || !index.TryGetValue(keys[i], out var first) ? i : first;
        }

        return new KeyIndex(input, index, null);
    }

    /// <summary>Whole numbers, for an input of any numbers, whose fraction is cut off.</summary>
    public static KeyIndex Of(EdgeValue input, IReadOnlyList<long> keys, bool lastWins)
    {
        var index = new Dictionary<long, int>(keys.Count);
        for (var i = 0; i < keys.Count; i++)
        {
            index[keys[i]] = lastWins || !index.TryGetValue(keys[i], out var first) ? i : first;
        }

        return new KeyIndex(input, null, index);
    }

    /// <summary>Floating numbers, for an input of them.</summary>
    /// <param name="input">What is looked up.</param>
    /// <param name="keys">Each stands for its place; the first of equals is found.</param>
    /// <param name="missing">Whether NaN is a key that NaN finds; else nothing finds it.</param>
    public static KeyIndex Of(EdgeValue input, IReadOnlyList<double> keys, bool missing)
    {
        var index = new Dictionary<long, int>(keys.Count);
        for (var i = 0; i < keys.Count; i++)
        {
            if (missing || !double.IsNaN(keys[i]))
            {
                index.TryAdd(Bits(keys[i]), i);
            }
        }

        return new KeyIndex(input, null, index) { IsFloating = true };
    }

    private bool IsFloating { get; init; }

    /// <summary>The place of an element's key; -1 where it is none.</summary>
    /// <param name="frame">The run.</param>
    /// <param name="at">Row-major among the input's elements.</param>
    public int Find(in EdgeFrame frame, int at) =>
        _texts is { } texts ? texts.GetValueOrDefault(frame.Text(_input, at), -1) : _numbers!.GetValueOrDefault(Number(frame, at), -1);

    /// <summary>An element for messages.</summary>
    public string Text(in EdgeFrame frame, int at) => _input.Type switch
    {
        ElementType.String => $"'{frame.Text(_input, at)}'",
        ElementType.Float32 => frame.Of<float>(_input)[at].ToString(System.Globalization.CultureInfo.InvariantCulture),
        ElementType.Float64 => frame.Of<double>(_input)[at].ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => Number(frame, at).ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    private long Number(in EdgeFrame frame, int at) => _input.Type switch
    {
        ElementType.Int64 => frame.Of<long>(_input)[at],
        ElementType.Int32 => frame.Of<int>(_input)[at],
        ElementType.Float32 when IsFloating => Bits(frame.Of<float>(_input)[at]),
        ElementType.Float64 when IsFloating => Bits(frame.Of<double>(_input)[at]),
        ElementType.Float32 => (long)frame.Of<float>(_input)[at],
        _ => (long)frame.Of<double>(_input)[at],
    };

    // One pattern for both zeros, and one for every NaN.
    private static long Bits(double x) => BitConverter.DoubleToInt64Bits(double.IsNaN(x) ? double.NaN : x == 0 ? 0 : x);
}
