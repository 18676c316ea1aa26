using Mlp.Core;

namespace Mlp.Edge;

/// <summary>What an operator of several inputs reads for an element of a row of texts: a constant's, a value's, or a value's only one.</summary>
internal sealed class TextOperand
{
    private readonly string[]? _constant;
    private readonly EdgeValue _value;
    private readonly int _width;

    private TextOperand(string[]? constant, EdgeValue value, int width)
    {
        _constant = constant;
        _value = value;
        _width = width;
    }

    /// <summary>An input, brought to rows of a shape.</summary>
    public static TextOperand Of(OnnxNode node, EdgeGraphBuilder builder, int input, int[] row)
    {
        var width = EdgeGraphBuilder.Elements(row);
        if (builder.ConstantOf(node, input) is { } constant)
        {
            return new TextOperand(Array.ConvertAll(RowShapes.Places([.. constant.Shape], row), at => constant.Texts[at]), default, width);
        }

        var value = builder.Input(node, input);
        return value.Width == width || value.Width == 1
            ? new TextOperand(null, value, width)
            : throw builder.Unsupported(node, $"input {input}, {value}, repeated in rows of [{string.Join(", ", row)}]", "rows of one shape, or of one element");
    }

    /// <param name="frame">The run.</param>
    /// <param name="index">Row-major among the elements of all rows.</param>
    public string At(in EdgeFrame frame, int index) => _constant is { } constant ? constant[index % _width] : frame.Text(_value, _value.Width == _width ? index : index / _width);
}
