using System.Numerics.Tensors;
using Mlp.Core;
using Mlp.Kernels;

namespace Mlp.Edge;

/// <summary>Operators of one input that keep its shape: <c>Relu</c>, <c>Sigmoid</c>, <c>Tanh</c>, <c>Identity</c>, <c>Softmax</c> over a row.</summary>
internal sealed class UnaryOperator(UnaryOperator.Kernel kernel, EdgeValue input, EdgeValue output) : IEdgeOperator
{
    public delegate void Kernel(ReadOnlySpan<float> input, Span<float> output, int width);

    public static Func<OnnxNode, EdgeGraphBuilder, IEdgeOperator> Of(Kernel kernel) => (node, builder) =>
    {
        var input = builder.Floats(node, 0);
        return new UnaryOperator(kernel, input, builder.Output(node, 0, ElementType.Float32, input.Width));
    };

    public static void Identity(ReadOnlySpan<float> input, Span<float> output, int width) => input.CopyTo(output);

    public static void Relu(ReadOnlySpan<float> input, Span<float> output, int width) => TensorPrimitives.Max(input, 0f, output);

    public static void Tanh(ReadOnlySpan<float> input, Span<float> output, int width) => TensorPrimitives.Tanh(input, output);

    public static void Sigmoid(ReadOnlySpan<float> input, Span<float> output, int width)
    {
        for (var i = 0; i < input.Length; i++)
        {
            output[i] = Activations.Logistic(input[i]);
        }
    }

    public static void Softmax(ReadOnlySpan<float> input, Span<float> output, int width)
    {
        input.CopyTo(output);
        for (var i = 0; i < output.Length; i += width)
        {
            Activations.Softmax(output.Slice(i, width));
        }
    }

    public static IEdgeOperator PrepareSoftmax(OnnxNode node, EdgeGraphBuilder builder) => node.Int("axis", -1) is -1 or 1
        ? Of(Softmax)(node, builder)
        : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: only softmax over the elements of a row is supported.");

    public void Run(in EdgeFrame frame) => kernel(frame.Floats(input), frame.Floats(output), input.Width);
}

/// <summary>An operator that combines each row with one constant row: <c>Add</c>, <c>Sub</c>, <c>Mul</c>, <c>Div</c>, <c>ai.onnx.ml.Scaler</c>.</summary>
internal sealed class RowConstantOperator(RowConstantOperator.Kernel kernel, float[] constant, EdgeValue input, EdgeValue output) : IEdgeOperator
{
    public delegate void Kernel(ReadOnlySpan<float> row, ReadOnlySpan<float> constant, Span<float> output);

    public static Func<OnnxNode, EdgeGraphBuilder, IEdgeOperator> Of(Kernel kernel, bool commutes) => (node, builder) =>
    {
        var at = builder.Constant(node, 1) is not null ? 1 : commutes ? 0 : 1;
        var constant = builder.Constant(node, at)?.Floats() ?? throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: expected a constant as one of the inputs.");
        var input = builder.Floats(node, 1 - at);
        return new RowConstantOperator(kernel, Spread(node, constant, input.Width), input, builder.Output(node, 0, ElementType.Float32, input.Width));
    };

    public static IEdgeOperator PrepareScaler(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = builder.Floats(node, 0);
        var offset = Spread(node, node.Floats("offset"), input.Width);
        var scale = Spread(node, node.Floats("scale"), input.Width);
        float[] both = [.. offset, .. scale];
        return new RowConstantOperator(
            static (row, constant, output) =>
            {
                TensorPrimitives.Subtract(row, constant[..row.Length], output);
                TensorPrimitives.Multiply(output, constant[row.Length..], output);
            },
            both,
            input,
            builder.Output(node, 0, ElementType.Float32, input.Width));
    }

    public static IEdgeOperator PrepareImputer(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = builder.Floats(node, 0);
        if (!float.IsNaN(node.Float("replaced_value_float", float.NaN)))
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: only NaN can be replaced.");
        }

        return new RowConstantOperator(
            static (row, constant, output) =>
            {
                for (var i = 0; i < row.Length; i++)
                {
                    output[i] = float.IsNaN(row[i]) ? constant[i] : row[i];
                }
            },
            Spread(node, node.Floats("imputed_value_floats"), input.Width),
            input,
            builder.Output(node, 0, ElementType.Float32, input.Width));
    }

    public void Run(in EdgeFrame frame)
    {
        var source = frame.Floats(input);
        var result = frame.Floats(output);
        for (var i = 0; i < source.Length; i += input.Width)
        {
            kernel(source.Slice(i, input.Width), constant, result.Slice(i, input.Width));
        }
    }

    private static float[] Spread(OnnxNode node, float[] values, int width)
    {
        if (values.Length == width)
        {
            return values;
        }

        if (values.Length != 1)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: {values.Length} constants for rows of {width}; expected {width} or 1.");
        }

        var spread = new float[width];
        Array.Fill(spread, values[0]);
        return spread;
    }
}
