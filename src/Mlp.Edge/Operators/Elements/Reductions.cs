using Mlp.Core;

namespace Mlp.Edge;

/// <summary><c>ReduceSum</c>, <c>ReduceMean</c>, <c>ReduceMax</c>, <c>ReduceMin</c>, <c>ArgMax</c>, <c>ArgMin</c> over the elements of a row, in their order.</summary>
internal static class Reductions
{
    public static IEdgeOperator Sum(OnnxNode node, EdgeGraphBuilder builder) => Of<Total>(node, builder);

    public static IEdgeOperator Mean(OnnxNode node, EdgeGraphBuilder builder) => Of<Middle>(node, builder);

    public static IEdgeOperator Max(OnnxNode node, EdgeGraphBuilder builder) => Of<Largest>(node, builder);

    public static IEdgeOperator Min(OnnxNode node, EdgeGraphBuilder builder) => Of<Smallest>(node, builder);

    public static IEdgeOperator ArgMax(OnnxNode node, EdgeGraphBuilder builder) => Arg<Largest>(node, builder);

    public static IEdgeOperator ArgMin(OnnxNode node, EdgeGraphBuilder builder) => Arg<Smallest>(node, builder);

    private static IEdgeOperator Of<TOf>(OnnxNode node, EdgeGraphBuilder builder)
        where TOf : IOf
    {
        var input = Matrix(node, builder);
        var axes = ConstantNumbers.Ints(node, builder, 1, "axes");
        if (axes is not [1 or -1])
        {
            throw builder.Unsupported(node, axes is null ? "a reduction over all axes" : $"the axes [{string.Join(", ", axes)}]", "the axis 1, as rows are the batch");
        }

        return input.Type switch
        {
            ElementType.Float32 => new Reduction<TOf, float>(input, Output(node, builder, input.Type)),
            ElementType.Float64 when PipelineSwitch.IsOn => new Reduction<TOf, double>(input, Output(node, builder, input.Type)),
            ElementType.Int64 when PipelineSwitch.IsOn => new Reduction<TOf, long>(input, Output(node, builder, input.Type)),
            ElementType.Int32 when PipelineSwitch.IsOn => new Reduction<TOf, int>(input, Output(node, builder, input.Type)),
            _ => throw builder.Unsupported(node, $"the input {input}", "float32, float64, int32 or int64"),
        };
    }

    private static IEdgeOperator Arg<TOf>(OnnxNode node, EdgeGraphBuilder builder)
        where TOf : IOf
    {
        var input = Matrix(node, builder);
        if (node.Int("axis", 0) is not (1 or -1))
        {
            throw builder.Unsupported(node, $"the attribute 'axis' = {node.Int("axis", 0)}", "1, as rows are the batch");
        }

        var last = node.Int("select_last_index", 0) != 0;
        return input.Type switch
        {
            ElementType.Float32 => new Place<TOf, float>(last, input, Output(node, builder, ElementType.Int64)),
            ElementType.Float64 when PipelineSwitch.IsOn => new Place<TOf, double>(last, input, Output(node, builder, ElementType.Int64)),
            ElementType.Int64 when PipelineSwitch.IsOn => new Place<TOf, long>(last, input, Output(node, builder, ElementType.Int64)),
            ElementType.Int32 when PipelineSwitch.IsOn => new Place<TOf, int>(last, input, Output(node, builder, ElementType.Int64)),
            _ => throw builder.Unsupported(node, $"the input {input}", "float32, float64, int32 or int64"),
        };
    }

    private static EdgeValue Matrix(OnnxNode node, EdgeGraphBuilder builder) => builder.Input(node, 0) is { IsMatrix: true } input
        ? input
        : throw builder.Unsupported(node, $"the input {builder.Input(node, 0)}", "[batch, width]");

    private static EdgeValue Output(OnnxNode node, EdgeGraphBuilder builder, ElementType type) => builder.Output(node, 0, type, node.Int("keepdims", 1) != 0 ? [1] : []);

    private interface IOf
    {
        static abstract T Of<T>(ReadOnlySpan<T> row)
            where T : unmanaged;

        static abstract bool Beats<T>(T one, T other)
            where T : unmanaged;
    }

    private readonly struct Total : IOf
    {
        public static T Of<T>(ReadOnlySpan<T> row)
            where T : unmanaged
        {
            var sum = default(T);
            foreach (var x in row)
            {
                sum = Number.Add(sum, x);
            }

            return sum;
        }

        public static bool Beats<T>(T one, T other)
            where T : unmanaged => false;
    }

    private readonly struct Middle : IOf
    {
        public static T Of<T>(ReadOnlySpan<T> row)
            where T : unmanaged => Number.Divide(Total.Of(row), Number.Cast<int, T>(row.Length));

        public static bool Beats<T>(T one, T other)
            where T : unmanaged => false;
    }

    private readonly struct Largest : IOf
    {
        public static T Of<T>(ReadOnlySpan<T> row)
            where T : unmanaged
        {
            var best = row[0];
            foreach (var x in row)
            {
                best = Number.Max(best, x);
            }

            return best;
        }

        public static bool Beats<T>(T one, T other)
            where T : unmanaged => Number.Less(other, one);
    }

    private readonly struct Smallest : IOf
    {
        public static T Of<T>(ReadOnlySpan<T> row)
            where T : unmanaged
        {
            var best = row[0];
            foreach (var x in row)
            {
                best = Number.Min(best, x);
            }

            return best;
        }

        public static bool Beats<T>(T one, T other)
            where T : unmanaged => Number.Less(one, other);
    }

    private sealed class Reduction<TOf, T>(EdgeValue input, EdgeValue output) : IEdgeOperator
        where TOf : IOf
        where T : unmanaged
    {
        public void Run(in EdgeFrame frame)
        {
            ReadOnlySpan<T> rows = frame.Of<T>(input);
            var result = frame.Of<T>(output);
            for (var r = 0; r < result.Length; r++)
            {
                result[r] = TOf.Of(rows.Slice(r * input.Width, input.Width));
            }
        }
    }

    private sealed class Place<TOf, T>(bool last, EdgeValue input, EdgeValue output) : IEdgeOperator
        where TOf : IOf
        where T : unmanaged
    {
        public void Run(in EdgeFrame frame)
        {
            var rows = frame.Of<T>(input);
            var result = frame.Of<long>(output);
            for (var r = 0; r < result.Length; r++)
            {
                var row = rows.Slice(r * input.Width, input.Width);
                var best = 0;
                for (var i = 1; i < row.Length; i++)
                {
                    if (TOf.Beats(row[i], row[best]) || (last && Number.Equal(row[i], row[best])))
                    {
                        best = i;
                    }
                }

                result[r] = best;
            }
        }
    }
}
