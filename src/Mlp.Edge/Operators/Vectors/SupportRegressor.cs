using Mlp.Core;
using Mlp.Kernels;

namespace Mlp.Edge;

/// <summary><c>ai.onnx.ml.SVMRegressor</c>: the kernels' weighted sum plus rho; of one class its sign, 1 or -1. Without support vectors a linear model.</summary>
internal sealed class SupportRegressor(SupportKernel kernel, float[] coefficients, float rho, bool oneClass, EdgeValue input, EdgeValue values, EdgeValue output) : IEdgeOperator
{
    public static IEdgeOperator Prepare(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = FloatRows.Of(node, builder, 0);
        var (coefficients, rho) = (node.Floats("coefficients"), node.Floats("rho"));
        var supports = node.Int("n_supports", 0);
        var expected = supports > 0 ? supports : input.Width;
        if (coefficients.Length != expected || rho.Length == 0)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: {coefficients.Length} coefficients and {rho.Length} rho; expected {expected} and 1.");
        }

        // Here alone ONNX Runtime looks at no transform; another answer than its would be a guess at what it means.
        if (ScoreTransform.Read(node) != PostTransform.None)
        {
            throw builder.Unsupported(node, $"the attribute 'post_transform' = '{node.Text("post_transform", "")}'", "NONE");
        }

        var oneClass = node.Int("one_class", 0) != 0;
        var output = builder.Output(node, 0, ElementType.Float32, 1);
        return supports > 0
            ? new SupportRegressor(SupportKernel.Read(node, builder, input.Width, (int)supports), coefficients, rho[0], oneClass, input, builder.Scratch(ElementType.Float32, (int)supports), output)
            : new LinearForm(coefficients, rho[0], oneClass, input, output);
    }

    public void Run(in EdgeFrame frame)
    {
        var rows = frame.Floats(input);
        var result = frame.Floats(output);
        for (var r = 0; r < result.Length; r++)
        {
            var row = frame.Floats(values).Slice(r * kernel.Count, kernel.Count);
            kernel.Of(rows.Slice(r * input.Width, input.Width), row);
            var sum = 0.0;
            for (var i = 0; i < row.Length; i++)
            {
                sum += (double)coefficients[i] * row[i];
            }

            result[r] = (float)(sum + rho);
            result[r] = oneClass ? Side(result[r]) : result[r];
        }
    }

    private static float Side(float x) => x > 0 ? 1 : -1;

    private sealed class LinearForm(float[] coefficients, float rho, bool oneClass, EdgeValue input, EdgeValue output) : IEdgeOperator
    {
        private readonly float[] _bias = [rho];

        public void Run(in EdgeFrame frame)
        {
            var result = frame.Floats(output);
            MatrixMultiply.Dense(frame.Floats(input), coefficients, _bias, result, input.Width, 1);
            for (var r = 0; oneClass && r < result.Length; r++)
            {
                result[r] = Side(result[r]);
            }
        }
    }
}
