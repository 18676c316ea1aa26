using Mlp.Core;
using Mlp.Kernels;

namespace Mlp.Edge;

/// <summary>
/// <c>ai.onnx.ml.SVMClassifier</c> without support vectors: a row of coefficients a class, as LIBLINEAR has it, and one rho for all.
/// </summary>
/// <remarks>
/// As in ONNX Runtime: of more than two classes the largest score wins; of two, the second does where any score is more than 0 (where
/// all coefficients are positive: at least 0.5), else the larger.
/// </remarks>
internal sealed class LinearSupportClassifier(float[] weights, float[] bias, bool positive, bool probabilities, ClassLabels labels, PostTransform transform, EdgeValue input, EdgeValue scores) : IEdgeOperator
{
    public static IEdgeOperator Of(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = FloatRows.Of(node, builder, 0);
        var labels = ClassLabels.Read(node, builder);
        var (coefficients, rho) = (node.Floats("coefficients"), node.Floats("rho"));
        if (coefficients.Length != (long)labels.Count * input.Width || rho.Length == 0)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: {coefficients.Length} coefficients and {rho.Length} rho; expected {(long)labels.Count * input.Width} for {labels.Count} classes of {input.Width} columns, and 1.");
        }

        var bias = new float[labels.Count];
        Array.Fill(bias, rho[0]);
        var positive = !Array.Exists(coefficients, static x => x < 0);
        var weights = DenseLayer.Transpose(coefficients, labels.Count, input.Width);
        return new LinearSupportClassifier(weights, bias, positive, node.Floats("prob_a").Length > 0, labels, ScoreTransform.Read(node), input, builder.Output(node, 1, ElementType.Float32, labels.Count));
    }

    public void Run(in EdgeFrame frame)
    {
        var result = frame.Floats(scores);
        var chosen = labels.Rows(frame);
        MatrixMultiply.Dense(frame.Floats(input), weights, bias, result, input.Width, scores.Width);
        for (var r = 0; r < frame.Rows; r++)
        {
            var row = result.Slice(r * scores.Width, scores.Width);
            var best = ScoreTransform.IndexOfLargest<float>(row);
            var second = row.Length == 2 && !probabilities && (positive ? row[best] >= 0.5f : row[best] > 0);
            chosen[r] = labels.Of(second ? 1 : best);
        }

        ScoreTransform.Apply(transform, result, scores.Width);
    }
}
