using Mlp.Core;
using Mlp.Kernels;

namespace Mlp.Edge;

/// <summary><c>ai.onnx.ml.LinearClassifier</c>: label and a score for each class.</summary>
/// <remarks>
/// The largest raw score wins, the first of equals; the transform comes after. One row of coefficients for two classes, which the specification
/// leaves open, is what ONNX Runtime takes it for: the score x of the second, which wins where x is more than 0; the
/// scores are (1 − x, x), with LOGISTIC the logistic of (−x, x). <c>multi_class</c> has no meaning there, and none here.
/// </remarks>
internal sealed class LinearClassifier(float[] weights, float[] bias, ClassLabels labels, PostTransform transform, EdgeValue input, EdgeValue raw, EdgeValue scores) : IEdgeOperator
{
    public static IEdgeOperator Prepare(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = FloatRows.Of(node, builder, 0);
        var labels = ClassLabels.Read(node, builder);
        var transform = ScoreTransform.Read(node);
        var targets = node.Floats("coefficients").Length == input.Width && labels.Count == 2 ? 1 : labels.Count;
        if (targets == 1 && transform == PostTransform.Probit)
        {
            throw builder.Unsupported(node, "the attribute 'post_transform' = 'PROBIT' with one row of coefficients", "NONE, LOGISTIC, SOFTMAX, SOFTMAX_ZERO, or a row of coefficients for each class");
        }

        var (weights, bias) = DenseLayer.Coefficients(node, input.Width, targets);
        var scores = builder.Output(node, 1, ElementType.Float32, labels.Count);
        return new LinearClassifier(weights, bias, labels, transform, input, targets == 1 ? builder.Scratch(ElementType.Float32, 1) : scores, scores);
    }

    public void Run(in EdgeFrame frame)
    {
        var sums = frame.Floats(raw);
        var chosen = labels.Rows(frame);
        var result = frame.Floats(scores);
        MatrixMultiply.Dense(frame.Floats(input), weights, bias, sums, input.Width, raw.Width);
        if (raw.Width == 1)
        {
            for (var r = 0; r < sums.Length; r++)
            {
                chosen[r] = labels.Of(sums[r] > 0 ? 1 : 0);
                (result[2 * r], result[(2 * r) + 1]) = transform == PostTransform.Logistic ? (Activations.Logistic(-sums[r]), Activations.Logistic(sums[r])) : (1 - sums[r], sums[r]);
            }

            return;
        }

        for (var r = 0; r < frame.Rows; r++)
        {
            chosen[r] = labels.Of(ScoreTransform.IndexOfLargest<float>(result.Slice(r * scores.Width, scores.Width)));
        }

        ScoreTransform.Apply(transform, result, scores.Width);
    }
}
