using Mlp.Core;

namespace Mlp.Edge;

/// <summary>What an operator of several inputs reads for a row: a constant row, a value's row, or a value's only element repeated.</summary>
internal sealed class Operand<T>
    where T : unmanaged
{
    private readonly T[]? _constant;
    private readonly EdgeValue _value;
    private readonly EdgeValue _repeated;
    private readonly bool _repeats;

    private Operand(T[] constant) => _constant = constant;

    private Operand(EdgeValue value, EdgeValue? repeated)
    {
        _value = value;
        _repeats = repeated is not null;
        _repeated = repeated ?? value;
    }

    /// <summary>Whether all rows can be read at once.</summary>
    public bool IsWhole => _constant is null && !_repeats;

    /// <summary>An input, brought to rows of a shape.</summary>
    public static Operand<T> Of(OnnxNode node, EdgeGraphBuilder builder, int input, int[] row)
    {
        if (builder.ConstantOf(node, input) is { } constant)
        {
            return new Operand<T>(RowShapes.Spread<T>(constant, row));
        }

        var value = builder.Input(node, input);
        var width = EdgeGraphBuilder.Elements(row);
        return value.Width == width ? new Operand<T>(value, null)
            : value.Width == 1 ? new Operand<T>(value, builder.Scratch(value.Type, width))
            : throw builder.Unsupported(node, $"input {input}, {value}, repeated in rows of [{string.Join(", ", row)}]", "rows of one shape, or of one element");
    }

    public ReadOnlySpan<T> Row(in EdgeFrame frame, int row)
    {
        if (_constant is { } constant)
        {
            return constant;
        }

        if (!_repeats)
        {
            return frame.Of<T>(_value).Slice(row * _value.Width, _value.Width);
        }

        var repeated = frame.Of<T>(_repeated).Slice(row * _repeated.Width, _repeated.Width);
        repeated.Fill(frame.Of<T>(_value)[row]);
        return repeated;
    }

    public ReadOnlySpan<T> Whole(in EdgeFrame frame) => frame.Of<T>(_value);
}
