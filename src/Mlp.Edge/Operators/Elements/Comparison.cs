using Mlp.Core;

namespace Mlp.Edge;

/// <summary><c>Equal</c>, <c>Less</c>, <c>Greater</c> and their or-equal forms in float32, float64, int32 and int64 (<c>Equal</c> of bool and string too), and <c>And</c>, <c>Or</c>, <c>Xor</c>.</summary>
internal static class Comparison
{
    public static IEdgeOperator Equal(OnnxNode node, EdgeGraphBuilder builder)
    {
        var row = RowShapes.Together(node, builder, 2, out var type);
        return type switch
        {
            ElementType.Bool => Bytes(node, builder, row, static (x, y) => (byte)(x == y ? 1 : 0)),
            ElementType.String => EqualTexts(node, builder, row),
            _ => Of<Same>(node, builder),
        };
    }

    public static IEdgeOperator Less(OnnxNode node, EdgeGraphBuilder builder) => Of<Below>(node, builder);

    public static IEdgeOperator Greater(OnnxNode node, EdgeGraphBuilder builder) => Of<Above>(node, builder);

    public static IEdgeOperator LessOrEqual(OnnxNode node, EdgeGraphBuilder builder) => Of<AtMost>(node, builder);

    public static IEdgeOperator GreaterOrEqual(OnnxNode node, EdgeGraphBuilder builder) => Of<AtLeast>(node, builder);

    public static IEdgeOperator And(OnnxNode node, EdgeGraphBuilder builder) => Logical(node, builder, static (x, y) => (byte)(x & y));

    public static IEdgeOperator Or(OnnxNode node, EdgeGraphBuilder builder) => Logical(node, builder, static (x, y) => (byte)(x | y));

    public static IEdgeOperator Xor(OnnxNode node, EdgeGraphBuilder builder) => Logical(node, builder, static (x, y) => (byte)(x ^ y));

    private static IEdgeOperator Of<TOf>(OnnxNode node, EdgeGraphBuilder builder)
        where TOf : IOf
    {
        var row = RowShapes.Together(node, builder, 2, out var type);
        return type switch
        {
            ElementType.Float32 => Of<TOf, float>(node, builder, row),
            ElementType.Float64 => Of<TOf, double>(node, builder, row),
            ElementType.Int64 => Of<TOf, long>(node, builder, row),
            ElementType.Int32 => Of<TOf, int>(node, builder, row),
            _ => throw builder.Unsupported(node, $"an input of {type.Name()}", "float32, float64, int32 or int64"),
        };
    }

    private static BinaryOperator<T, byte> Of<TOf, T>(OnnxNode node, EdgeGraphBuilder builder, int[] row)
        where TOf : IOf
        where T : unmanaged => new(
            static (left, right, output) =>
            {
                for (var i = 0; i < output.Length; i++)
                {
                    output[i] = TOf.Of(left[i], right[i]) ? (byte)1 : (byte)0;
                }
            },
            Operand<T>.Of(node, builder, 0, row),
            Operand<T>.Of(node, builder, 1, row),
            builder.Output(node, 0, ElementType.Bool, row));

    private static BinaryOperator<byte, byte> Logical(OnnxNode node, EdgeGraphBuilder builder, Func<byte, byte, byte> of)
    {
        var row = RowShapes.Together(node, builder, 2, out var type);
        return type == ElementType.Bool
            ? Bytes(node, builder, row, of)
            : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: an input is {type.Name()}; expected bool.");
    }

    private static BinaryOperator<byte, byte> Bytes(OnnxNode node, EdgeGraphBuilder builder, int[] row, Func<byte, byte, byte> of) => new(
        (left, right, output) =>
        {
            for (var i = 0; i < output.Length; i++)
            {
                output[i] = of(left[i], right[i]);
            }
        },
        Operand<byte>.Of(node, builder, 0, row),
        Operand<byte>.Of(node, builder, 1, row),
        builder.Output(node, 0, ElementType.Bool, row));

    private static EqualTextsOperator EqualTexts(OnnxNode node, EdgeGraphBuilder builder, int[] row) =>
        new(TextOperand.Of(node, builder, 0, row), TextOperand.Of(node, builder, 1, row), builder.Output(node, 0, ElementType.Bool, row));

    private interface IOf
    {
        static abstract bool Of<T>(T left, T right)
            where T : unmanaged;
    }

    private readonly struct Same : IOf
    {
        public static bool Of<T>(T left, T right)
            where T : unmanaged => Number.Equal(left, right);
    }

    private readonly struct Below : IOf
    {
        public static bool Of<T>(T left, T right)
            where T : unmanaged => Number.Less(left, right);
    }

    private readonly struct Above : IOf
    {
        public static bool Of<T>(T left, T right)
            where T : unmanaged => Number.Less(right, left);
    }

    private readonly struct AtMost : IOf
    {
        public static bool Of<T>(T left, T right)
            where T : unmanaged => Number.Less(left, right) || Number.Equal(left, right);
    }

    private readonly struct AtLeast : IOf
    {
        public static bool Of<T>(T left, T right)
            where T : unmanaged => Number.Less(right, left) || Number.Equal(left, right);
    }

    private sealed class EqualTextsOperator(TextOperand left, TextOperand right, EdgeValue output) : IEdgeOperator
    {
        public void Run(in EdgeFrame frame)
        {
            var result = frame.Of<byte>(output);
            for (var i = 0; i < result.Length; i++)
            {
                result[i] = string.Equals(left.At(frame, i), right.At(frame, i), StringComparison.Ordinal) ? (byte)1 : (byte)0;
            }
        }
    }
}
