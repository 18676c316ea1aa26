using Mlp.Core;

namespace Mlp.Edge;

/// <summary><c>Where</c>: an element of the one or of the other input, of any type.</summary>
internal sealed class WhereOperator<T>(Operand<byte> condition, Operand<T> yes, Operand<T> no, EdgeValue output) : IEdgeOperator
    where T : unmanaged
{
    public void Run(in EdgeFrame frame)
    {
        var result = frame.Of<T>(output);
        for (var r = 0; r < frame.Rows; r++)
        {
            var row = result.Slice(r * output.Width, output.Width);
            var when = condition.Row(frame, r);
            var x = yes.Row(frame, r);
            var y = no.Row(frame, r);
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = when[i] != 0 ? x[i] : y[i];
            }
        }
    }
}

/// <summary>The same for texts.</summary>
internal sealed class WhereTextOperator(Operand<byte> condition, TextOperand yes, TextOperand no, EdgeValue output) : IEdgeOperator
{
    public void Run(in EdgeFrame frame)
    {
        var result = frame.Texts(output);
        for (var r = 0; r < frame.Rows; r++)
        {
            var when = condition.Row(frame, r);
            for (int i = 0, at = r * output.Width; i < when.Length; i++, at++)
            {
                result[at] = when[i] != 0 ? yes.At(frame, at) : no.At(frame, at);
            }
        }
    }
}

/// <summary>Picks the <c>Where</c> for a type.</summary>
internal static class Where
{
    public static IEdgeOperator Prepare(OnnxNode node, EdgeGraphBuilder builder)
    {
        var row = RowShapes.Together(node, builder, 3, out var type, first: 1);
        var found = builder.ConstantOf(node, 0)?.Type ?? builder.Input(node, 0).Type;
        if (found != ElementType.Bool)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: the condition is {found.Name()}; expected bool.");
        }

        if (type == ElementType.String)
        {
            return new WhereTextOperator(Operand<byte>.Of(node, builder, 0, row), TextOperand.Of(node, builder, 1, row), TextOperand.Of(node, builder, 2, row), builder.Output(node, 0, type, row));
        }

        return type.SizeBytes() switch
        {
            1 => Of<byte>(node, builder, type, row),
            4 => Of<int>(node, builder, type, row),
            8 => Of<long>(node, builder, type, row),
            _ => throw builder.Unsupported(node, $"an input of {type.Name()}", "float32, float64, int32, int64, bool or string"),
        };
    }

    private static WhereOperator<T> Of<T>(OnnxNode node, EdgeGraphBuilder builder, ElementType type, int[] row)
        where T : unmanaged => new(Operand<byte>.Of(node, builder, 0, row), Operand<T>.Of(node, builder, 1, row), Operand<T>.Of(node, builder, 2, row), builder.Output(node, 0, type, row));
}
