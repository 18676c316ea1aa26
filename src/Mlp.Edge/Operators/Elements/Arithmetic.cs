using System.Numerics.Tensors;
using Mlp.Core;

namespace Mlp.Edge;

/// <summary><c>Add</c>, <c>Sub</c>, <c>Mul</c>, <c>Div</c>, <c>Min</c>, <c>Max</c> of two in float32, float64, int32 and int64, and <c>Pow</c>.</summary>
internal static class Arithmetic
{
    private const string Numbers = "float32, float64, int32 or int64";

    public static IEdgeOperator Add(OnnxNode node, EdgeGraphBuilder builder) => Of<Sum>(node, builder, TensorPrimitives.Add);

    public static IEdgeOperator Subtract(OnnxNode node, EdgeGraphBuilder builder) => Of<Difference>(node, builder, TensorPrimitives.Subtract);

    public static IEdgeOperator Multiply(OnnxNode node, EdgeGraphBuilder builder) => Of<Product>(node, builder, TensorPrimitives.Multiply);

    public static IEdgeOperator Divide(OnnxNode node, EdgeGraphBuilder builder) => Of<Quotient>(node, builder, TensorPrimitives.Divide);

    public static IEdgeOperator Min(OnnxNode node, EdgeGraphBuilder builder) => Of<Smaller>(node, builder);

    public static IEdgeOperator Max(OnnxNode node, EdgeGraphBuilder builder) => Of<Larger>(node, builder);

    /// <summary>The exponent may be of another type than the base; it is brought to the base's first.</summary>
    public static IEdgeOperator Power(OnnxNode node, EdgeGraphBuilder builder)
    {
        var (input, row) = (builder.Input(node, 0), RowShapes.Together(node, builder, 2, out _, first: 1));
        var exponents = builder.ConstantOf(node, 1) is { } constant ? RowShapes.Places([.. constant.Shape], row) : null;
        var values = exponents is null ? [] : ConstantNumbers.Doubles(node, builder, 1);
        if (exponents is null || input.Type is not (ElementType.Float32 or ElementType.Float64) || input.Width != exponents.Length)
        {
            throw builder.Unsupported(node, $"a power of {input}{(exponents is null ? " with an exponent that is no constant" : "")}", "a float32 or float64 base and a constant exponent for each element of its row");
        }

        var powers = Array.ConvertAll(exponents, at => values[at]);
        var output = builder.Output(node, 0, input.Type, row);
        return input.Type == ElementType.Float32 ? new PowerOperator<float>(powers, input, output) : new PowerOperator<double>(powers, input, output);
    }

    private static IEdgeOperator Of<TOf>(OnnxNode node, EdgeGraphBuilder builder, BinaryOperator<float, float>.Kernel? floats = null)
        where TOf : IOf
    {
        if (node.Inputs.Count != 2)
        {
            throw builder.Unsupported(node, $"a node of {node.Inputs.Count} inputs", "two inputs");
        }

        var row = RowShapes.Together(node, builder, 2, out var type);
        return type switch
        {
            ElementType.Float32 => Of(node, builder, row, floats ?? Loop<TOf, float>),
            ElementType.Float64 when PipelineSwitch.IsOn => Of<double>(node, builder, row, Loop<TOf, double>),
            ElementType.Int64 when PipelineSwitch.IsOn => Of<long>(node, builder, row, Loop<TOf, long>),
            ElementType.Int32 when PipelineSwitch.IsOn => Of<int>(node, builder, row, Loop<TOf, int>),
            _ => throw builder.Unsupported(node, $"an input of {type.Name()}", Numbers),
        };
    }

    private static BinaryOperator<T, T> Of<T>(OnnxNode node, EdgeGraphBuilder builder, int[] row, BinaryOperator<T, T>.Kernel kernel)
        where T : unmanaged
    {
        var (left, right) = (Operand<T>.Of(node, builder, 0, row), Operand<T>.Of(node, builder, 1, row));
        var type = (builder.ConstantOf(node, 0)?.Type ?? builder.Input(node, 0).Type);
        return new BinaryOperator<T, T>(kernel, left, right, builder.Output(node, 0, type, row));
    }

    private static void Loop<TOf, T>(ReadOnlySpan<T> left, ReadOnlySpan<T> right, Span<T> output)
        where TOf : IOf
        where T : unmanaged
    {
        for (var i = 0; i < output.Length; i++)
        {
            output[i] = TOf.Of(left[i], right[i]);
        }
    }

    private interface IOf
    {
        static abstract T Of<T>(T left, T right)
            where T : unmanaged;
    }

    private readonly struct Sum : IOf
    {
        public static T Of<T>(T left, T right)
            where T : unmanaged => Number.Add(left, right);
    }

    private readonly struct Difference : IOf
    {
        public static T Of<T>(T left, T right)
            where T : unmanaged => Number.Subtract(left, right);
    }

    private readonly struct Product : IOf
    {
        public static T Of<T>(T left, T right)
            where T : unmanaged => Number.Multiply(left, right);
    }

    private readonly struct Quotient : IOf
    {
        public static T Of<T>(T left, T right)
            where T : unmanaged => typeof(T) != typeof(float) && typeof(T) != typeof(double) && Number.Equal(right, default)
            ? throw new MlpException(ErrorCodes.TensorMismatch, "A Div of whole numbers divides by 0.")
            : Number.Divide(left, right);
    }

    private readonly struct Smaller : IOf
    {
        public static T Of<T>(T left, T right)
            where T : unmanaged => Number.Min(left, right);
    }

    private readonly struct Larger : IOf
    {
        public static T Of<T>(T left, T right)
            where T : unmanaged => Number.Max(left, right);
    }

    private sealed class PowerOperator<T>(double[] exponents, EdgeValue input, EdgeValue output) : IEdgeOperator
        where T : unmanaged
    {
        public void Run(in EdgeFrame frame)
        {
            var rows = frame.Of<T>(input);
            var result = frame.Of<T>(output);
            for (int i = 0, at = 0; i < rows.Length; i++, at = at + 1 == exponents.Length ? 0 : at + 1)
            {
                result[i] = Real.Of<T>(Math.Pow(Real.ToDouble(rows[i]), exponents[at]));
            }
        }
    }
}
