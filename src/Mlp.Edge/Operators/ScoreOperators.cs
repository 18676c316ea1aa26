using Mlp.Core;

namespace Mlp.Edge;

/// <summary>Operators that stand behind a model's raw scores: <c>ArgMax</c> and <c>Concat</c> over a row, <c>Exp</c>, <c>Neg</c>, <c>Softplus</c>, and <c>Cast</c> between float and double.</summary>
internal static class ScoreOperators
{
    public static IEdgeOperator PrepareArgMax(OnnxNode node, EdgeGraphBuilder builder)
    {
        if (node.Int("axis", 0) is not (1 or -1) || node.Int("select_last_index", 0) != 0)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: only the first of the largest elements of a row is supported.");
        }

        var input = builder.Floats(node, 0);
        return new ArgMaxOperator(input, builder.Output(node, 0, ElementType.Int64, 1));
    }

    public static IEdgeOperator PrepareConcat(OnnxNode node, EdgeGraphBuilder builder)
    {
        if (node.Int("axis", 0) is not (1 or -1))
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: only rows beside rows are supported.");
        }

        var inputs = new EdgeValue[node.Inputs.Count];
        var width = 0;
        for (var i = 0; i < inputs.Length; i++)
        {
            inputs[i] = builder.Floats(node, i);
            width += inputs[i].Width;
        }

        return new ConcatOperator(inputs, builder.Output(node, 0, ElementType.Float32, width));
    }

    public static IEdgeOperator PrepareCast(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = builder.Input(node, 0);
        var to = (ElementType)node.Int("to", 0);
        if (to is not (ElementType.Float32 or ElementType.Float64) || input.Type is not (ElementType.Float32 or ElementType.Float64))
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: a cast from {input.Type.Name()} to the type {(int)to} is not supported; expected float32 and float64.");
        }

        return new CastOperator(input, builder.Output(node, 0, to, input.Width));
    }

    public static void Exp(ReadOnlySpan<float> input, Span<float> output, int width)
    {
        for (var i = 0; i < input.Length; i++)
        {
            output[i] = MathF.Exp(input[i]);
        }
    }

    public static void Negate(ReadOnlySpan<float> input, Span<float> output, int width)
    {
        for (var i = 0; i < input.Length; i++)
        {
            output[i] = -input[i];
        }
    }

    // exp overflows where log(1 + exp(x)) is x itself to the last bit.
    public static void Softplus(ReadOnlySpan<float> input, Span<float> output, int width)
    {
        for (var i = 0; i < input.Length; i++)
        {
            output[i] = input[i] > 20 ? input[i] : (float)double.LogP1(Math.Exp(input[i]));
        }
    }

    private sealed class ArgMaxOperator(EdgeValue input, EdgeValue output) : IEdgeOperator
    {
        public void Run(in EdgeFrame frame)
        {
            var rows = frame.Floats(input);
            var result = frame.Longs(output);
            for (var r = 0; r < result.Length; r++)
            {
                result[r] = ScoreTransform.IndexOfLargest<float>(rows.Slice(r * input.Width, input.Width));
            }
        }
    }

    private sealed class ConcatOperator(EdgeValue[] inputs, EdgeValue output) : IEdgeOperator
    {
        public void Run(in EdgeFrame frame)
        {
            var result = frame.Floats(output);
            var start = 0;
            foreach (var input in inputs)
            {
                var rows = frame.Floats(input);
                for (var r = 0; r < frame.Rows; r++)
                {
                    rows.Slice(r * input.Width, input.Width).CopyTo(result[((r * output.Width) + start)..]);
                }

                start += input.Width;
            }
        }
    }

    private sealed class CastOperator(EdgeValue input, EdgeValue output) : IEdgeOperator
    {
        public void Run(in EdgeFrame frame)
        {
            switch (input.Type, output.Type)
            {
                case (ElementType.Float32, ElementType.Float64):
                    Convert<float, double>(frame.Floats(input), frame.Doubles(output));
                    break;
                case (ElementType.Float64, ElementType.Float32):
                    Convert<double, float>(frame.Doubles(input), frame.Floats(output));
                    break;
                case (ElementType.Float64, _):
                    frame.Doubles(input).CopyTo(frame.Doubles(output));
                    break;
                default:
                    frame.Floats(input).CopyTo(frame.Floats(output));
                    break;
            }
        }

        private static void Convert<TFrom, TTo>(ReadOnlySpan<TFrom> from, Span<TTo> to)
            where TFrom : unmanaged
            where TTo : unmanaged
        {
            for (var i = 0; i < from.Length; i++)
            {
                to[i] = Real.Of<TTo>(Real.ToDouble(from[i]));
            }
        }
    }
}
