using System.Numerics.Tensors;
using Mlp.Core;
using Mlp.Kernels;

namespace Mlp.Edge;

/// <summary>
/// Functions of one element: <c>Abs</c>, <c>Neg</c>, <c>Relu</c> of all numbers, <c>Exp</c>, <c>Log</c>, <c>Sqrt</c>, <c>Reciprocal</c>, <c>Sigmoid</c>, <c>Softplus</c>,
/// <c>Tanh</c> of float32 and float64, <c>Not</c> of bool, <c>IsNaN</c>; and <c>Softmax</c> over a row.
/// </summary>
/// <remarks>An element's function is the same code wherever it stands, so that a row gives the same bits alone and in a batch: vectors only where they are exact.</remarks>
internal static class Functions
{
    public static IEdgeOperator Abs(OnnxNode node, EdgeGraphBuilder builder) => Numbers<Magnitude>(node, builder);

    public static IEdgeOperator Negate(OnnxNode node, EdgeGraphBuilder builder) => Numbers<Opposite>(node, builder);

    public static IEdgeOperator Relu(OnnxNode node, EdgeGraphBuilder builder) => Numbers<Positive>(node, builder, static (input, output) => TensorPrimitives.Max(input, 0f, output));

    public static IEdgeOperator Sqrt(OnnxNode node, EdgeGraphBuilder builder) => Floats<Root>(node, builder);

    public static IEdgeOperator Exp(OnnxNode node, EdgeGraphBuilder builder) => Floats<Power>(node, builder);

    public static IEdgeOperator Log(OnnxNode node, EdgeGraphBuilder builder) => Floats<Logarithm>(node, builder);

    public static IEdgeOperator Reciprocal(OnnxNode node, EdgeGraphBuilder builder) => Floats<Inverse>(node, builder);

    public static IEdgeOperator Sigmoid(OnnxNode node, EdgeGraphBuilder builder) => Floats<Logistic>(node, builder);

    public static IEdgeOperator Softplus(OnnxNode node, EdgeGraphBuilder builder) => Floats<LogOnePlusPower>(node, builder);

    public static IEdgeOperator Tanh(OnnxNode node, EdgeGraphBuilder builder) => Floats<Tangent>(node, builder);

    public static IEdgeOperator Not(OnnxNode node, EdgeGraphBuilder builder) => builder.Input(node, 0).Type == ElementType.Bool
        ? UnaryOperator<byte, byte>.Of(node, builder, Not, ElementType.Bool)
        : throw builder.Unsupported(node, $"the input {builder.Input(node, 0)}", "bool");

    public static IEdgeOperator IsNaN(OnnxNode node, EdgeGraphBuilder builder) => builder.Input(node, 0).Type switch
    {
        ElementType.Float32 => UnaryOperator<float, byte>.Of(node, builder, IsNaN, ElementType.Bool),
        ElementType.Float64 => UnaryOperator<double, byte>.Of(node, builder, IsNaN, ElementType.Bool),
        _ => throw builder.Unsupported(node, $"the input {builder.Input(node, 0)}", "float32 or float64"),
    };

    /// <summary>Before operator set 13 the dimensions from <c>axis</c> on were one, which is the same for the rows of a matrix.</summary>
    public static IEdgeOperator Softmax(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = builder.Input(node, 0);
        if (!input.IsMatrix || node.Int("axis", builder.Version(node) < 13 ? 1 : -1) is not (-1 or 1))
        {
            throw builder.Unsupported(node, $"a softmax of {input} over the axis {node.Int("axis", -1)}", "one over the elements of a row of [batch, width]");
        }

        return input.Type switch
        {
            ElementType.Float32 => UnaryOperator<float, float>.Of(node, builder, Softmax, input.Type),
            ElementType.Float64 when PipelineSwitch.IsOn => UnaryOperator<double, double>.Of(node, builder, Softmax, input.Type),
            _ => throw builder.Unsupported(node, $"the input {input}", "float32 or float64"),
        };
    }

    private static void Softmax(ReadOnlySpan<float> input, Span<float> output, int width)
    {
        input.CopyTo(output);
        ScoreTransform.Apply(PostTransform.Softmax, output, width);
    }

    private static void Softmax(ReadOnlySpan<double> input, Span<double> output, int width)
    {
        input.CopyTo(output);
        ScoreTransform.Apply(PostTransform.Softmax, output, width);
    }

    private static void Not(ReadOnlySpan<byte> input, Span<byte> output, int width)
    {
        for (var i = 0; i < input.Length; i++)
        {
            output[i] = (byte)(input[i] ^ 1);
        }
    }

    private static void IsNaN<T>(ReadOnlySpan<T> input, Span<byte> output, int width)
        where T : unmanaged
    {
        for (var i = 0; i < input.Length; i++)
        {
            output[i] = Number.IsNaN(input[i]) ? (byte)1 : (byte)0;
        }
    }

    private delegate void Exact(ReadOnlySpan<float> input, Span<float> output);

    private static IEdgeOperator Numbers<TOf>(OnnxNode node, EdgeGraphBuilder builder, Exact? floats = null)
        where TOf : INumberOf
    {
        var input = builder.Input(node, 0);
        return input.Type switch
        {
            ElementType.Float32 => UnaryOperator<float, float>.Of(node, builder, floats is null ? Loop<TOf, float> : (x, y, _) => floats(x, y), input.Type),
            ElementType.Float64 when PipelineSwitch.IsOn => UnaryOperator<double, double>.Of(node, builder, Loop<TOf, double>, input.Type),
            ElementType.Int64 when PipelineSwitch.IsOn => UnaryOperator<long, long>.Of(node, builder, Loop<TOf, long>, input.Type),
            ElementType.Int32 when PipelineSwitch.IsOn => UnaryOperator<int, int>.Of(node, builder, Loop<TOf, int>, input.Type),
            _ => throw builder.Unsupported(node, $"the input {input}", "float32, float64, int32 or int64"),
        };
    }

    private static IEdgeOperator Floats<TOf>(OnnxNode node, EdgeGraphBuilder builder)
        where TOf : IFunction
    {
        var input = builder.Input(node, 0);
        return input.Type switch
        {
            ElementType.Float32 => UnaryOperator<float, float>.Of(node, builder, FloatLoop<TOf>, input.Type),
            ElementType.Float64 when PipelineSwitch.IsOn => UnaryOperator<double, double>.Of(node, builder, DoubleLoop<TOf>, input.Type),
            _ => throw builder.Unsupported(node, $"the input {input}", "float32 or float64"),
        };
    }

    private static void Loop<TOf, T>(ReadOnlySpan<T> input, Span<T> output, int width)
        where TOf : INumberOf
        where T : unmanaged
    {
        for (var i = 0; i < input.Length; i++)
        {
            output[i] = TOf.Of(input[i]);
        }
    }

    private static void FloatLoop<TOf>(ReadOnlySpan<float> input, Span<float> output, int width)
        where TOf : IFunction
    {
        for (var i = 0; i < input.Length; i++)
        {
            output[i] = TOf.Of(input[i]);
        }
    }

    private static void DoubleLoop<TOf>(ReadOnlySpan<double> input, Span<double> output, int width)
        where TOf : IFunction
    {
        for (var i = 0; i < input.Length; i++)
        {
            output[i] = TOf.Of(input[i]);
        }
    }

    private interface INumberOf
    {
        static abstract T Of<T>(T x)
            where T : unmanaged;
    }

    private readonly struct Magnitude : INumberOf
    {
        public static T Of<T>(T x)
            where T : unmanaged => Number.Abs(x);
    }

    private readonly struct Opposite : INumberOf
    {
        public static T Of<T>(T x)
            where T : unmanaged => Number.Negate(x);
    }

    private readonly struct Positive : INumberOf
    {
        public static T Of<T>(T x)
            where T : unmanaged => Number.Max(x, default);
    }

    private interface IFunction
    {
        static abstract float Of(float x);

        static abstract double Of(double x);
    }

    private readonly struct Root : IFunction
    {
        public static float Of(float x) => MathF.Sqrt(x);

        public static double Of(double x) => Math.Sqrt(x);
    }

    private readonly struct Power : IFunction
    {
        public static float Of(float x) => MathF.Exp(x);

        public static double Of(double x) => Math.Exp(x);
    }

    private readonly struct Logarithm : IFunction
    {
        public static float Of(float x) => MathF.Log(x);

        public static double Of(double x) => Math.Log(x);
    }

    private readonly struct Inverse : IFunction
    {
        public static float Of(float x) => 1 / x;

        public static double Of(double x) => 1 / x;
    }

    private readonly struct Tangent : IFunction
    {
        public static float Of(float x) => MathF.Tanh(x);

        public static double Of(double x) => Math.Tanh(x);
    }

    private readonly struct Logistic : IFunction
    {
        public static float Of(float x) => Activations.Logistic(x);

        public static double Of(double x)
        {
            var v = 1 / (1 + Math.Exp(-Math.Abs(x)));
            return x < 0 ? 1 - v : v;
        }
    }

    private readonly struct LogOnePlusPower : IFunction
    {
        public static float Of(float x) => (float)Of((double)x);

        // exp overflows where log(1 + exp(x)) is x itself to the last bit.
        public static double Of(double x) => x > 40 ? x : double.LogP1(Math.Exp(x));
    }
}
