using Mlp.Core;

namespace Mlp.Edge;

/// <summary>
/// <c>ai.onnx.ml.Normalizer</c>: a row over its largest element (MAX), the sum of its magnitudes (L1) or the root of the sum of its squares (L2); a
/// row whose norm is 0 stays.
/// </summary>
internal sealed class NormalizerOperator(NormalizerOperator.Norm norm, EdgeValue input, EdgeValue output) : IEdgeOperator
{
    public delegate float Norm(ReadOnlySpan<float> row);

    public static IEdgeOperator Prepare(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = FloatRows.Of(node, builder, 0);
        Norm norm = node.Text("norm", "MAX") switch
        {
            "MAX" => Max,
            "L1" => L1,
            "L2" => L2,
            var other => throw builder.Unsupported(node, $"the attribute 'norm' = '{other}'", "MAX, L1 or L2"),
        };
        return new NormalizerOperator(norm, input, builder.Output(node, 0, ElementType.Float32, input.Row));
    }

    public void Run(in EdgeFrame frame)
    {
        var rows = frame.Floats(input);
        var result = frame.Floats(output);
        for (var start = 0; start < rows.Length; start += input.Width)
        {
            var length = norm(rows.Slice(start, input.Width));
            for (var i = start; i < start + input.Width; i++)
            {
                result[i] = length == 0 ? rows[i] : rows[i] / length;
            }
        }
    }

    private static float Max(ReadOnlySpan<float> row)
    {
        var max = float.MinValue;
        foreach (var x in row)
        {
            max = max < x ? x : max;
        }

        return max;
    }

    private static float L1(ReadOnlySpan<float> row)
    {
        var sum = 0f;
        foreach (var x in row)
        {
            sum += MathF.Abs(x);
        }

        return sum;
    }

    private static float L2(ReadOnlySpan<float> row)
    {
        var sum = 0.0;
        foreach (var x in row)
        {
            sum += (double)x * x;
        }

        return (float)Math.Sqrt(sum);
    }
}
