using Mlp.Core;
using Mlp.Kernels;

namespace Mlp.Edge;

/// <summary><c>Gemm</c>, <c>MatMul</c> and <c>ai.onnx.ml.LinearRegressor</c>: rows times constant weights, plus a bias.</summary>
internal sealed class DenseLayer(float[] weights, float[] bias, PostTransform transform, EdgeValue input, EdgeValue output) : IEdgeOperator
{
    public static IEdgeOperator PrepareGemm(OnnxNode node, EdgeGraphBuilder builder)
    {
        if (node.Int("transA", 0) != 0)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: transA is not supported; rows are the batch.");
        }

        var input = builder.Floats(node, 0);
        var (weights, outputs) = Weights(node, builder, input, node.Int("transB", 0) != 0, node.Float("alpha", 1));
        float[] bias = [];
        if (node.Inputs.Count > 2 && node.Inputs[2].Length != 0)
        {
            var constant = builder.Constant(node, 2)?.Floats() ?? throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: a bias that is no constant is not supported.");
            if (constant.Length != outputs && constant.Length != 1)
            {
                throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: the bias has {constant.Length} elements; expected {outputs} or 1.");
            }

            var beta = node.Float("beta", 1);
            bias = new float[outputs];
            for (var i = 0; i < outputs; i++)
            {
                bias[i] = beta * constant[constant.Length == 1 ? 0 : i];
            }
        }

        return new DenseLayer(weights, bias, PostTransform.None, input, builder.Output(node, 0, ElementType.Float32, outputs));
    }

    public static IEdgeOperator PrepareMatMul(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = builder.Floats(node, 0);
        var (weights, outputs) = Weights(node, builder, input, transposed: false, alpha: 1);
        return new DenseLayer(weights, [], PostTransform.None, input, builder.Output(node, 0, ElementType.Float32, outputs));
    }

    public static IEdgeOperator PrepareLinearRegressor(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = FloatRows.Of(node, builder, 0);
        var targets = (int)Math.Clamp(node.Int("targets", 1), 1, 1 << 20);
        var (weights, bias) = Coefficients(node, input.Width, targets);

        // ONNX Runtime leaves one target alone as it is, but for PROBIT.
        var transform = ScoreTransform.Read(node);
        transform = targets == 1 && transform != PostTransform.Probit ? PostTransform.None : transform;
        return new DenseLayer(weights, bias, transform, input, builder.Output(node, 0, ElementType.Float32, targets));
    }

    /// <summary>Coefficients and intercepts, which ONNX states a target after another, as a matrix of inputs × targets.</summary>
    public static (float[] Weights, float[] Bias) Coefficients(OnnxNode node, int width, int targets)
    {
        var coefficients = node.Floats("coefficients");
        var intercepts = node.Floats("intercepts");
        if (coefficients.Length != (long)width * targets || (intercepts.Length != 0 && intercepts.Length != targets))
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: {coefficients.Length} coefficients and {intercepts.Length} intercepts for {targets} targets of {width} inputs.");
        }

        return (Transpose(coefficients, targets, width), intercepts);
    }

    public void Run(in EdgeFrame frame)
    {
        var result = frame.Floats(output);
        MatrixMultiply.Dense(frame.Floats(input), weights, bias, result, input.Width, output.Width);
        ScoreTransform.Apply(transform, result, output.Width);
    }

    private static (float[] Weights, int Outputs) Weights(OnnxNode node, EdgeGraphBuilder builder, EdgeValue input, bool transposed, float alpha)
    {
        var tensor = builder.Constant(node, 1) ?? throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: weights that are no constant are not supported.");
        if (tensor.Shape.Count != 2 || tensor.Shape[transposed ? 1 : 0] != input.Width)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: the weights are [{string.Join(", ", tensor.Shape)}]; expected {input.Width} inputs a row.");
        }

        var outputs = (int)tensor.Shape[transposed ? 0 : 1];
        var weights = tensor.Floats();
        if (transposed)
        {
            weights = Transpose(weights, outputs, input.Width);
        }

        for (var i = 0; alpha != 1 && i < weights.Length; i++)
        {
            weights[i] *= alpha;
        }

        return (weights, outputs);
    }

    public static float[] Transpose(float[] matrix, int rows, int columns)
    {
        var result = new float[matrix.Length];
        for (var r = 0; r < rows; r++)
        {
            for (var c = 0; c < columns; c++)
            {
                result[(c * rows) + r] = matrix[(r * columns) + c];
            }
        }

        return result;
    }
}
