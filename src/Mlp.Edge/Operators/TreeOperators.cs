using Mlp.Core;
using Mlp.Kernels;

namespace Mlp.Edge;

/// <summary><c>ai.onnx.ml.TreeEnsembleRegressor</c>.</summary>
internal sealed class TreeRegressor(EnsembleScorer scorer, PostTransform transform, EdgeValue input, EdgeValue output) : IEdgeOperator
{
    public static IEdgeOperator Prepare(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = builder.Floats(node, 0);
        var ensemble = TreeEnsembleNode.Read(node, input.Width).Ensemble;
        return new TreeRegressor(new EnsembleScorer(ensemble), ensemble.PostTransform, input, builder.Output(node, 0, ElementType.Float32, ensemble.TargetCount));
    }

    public void Run(in EdgeFrame frame)
    {
        var scores = frame.Floats(output);
        scorer.Score(frame.Floats(input), scores);
        ScoreTransform.Apply(transform, scores, output.Width);
    }
}

/// <summary><c>ai.onnx.ml.TreeEnsembleClassifier</c>: label and a score for each class.</summary>
internal sealed class TreeClassifier(EnsembleScorer scorer, TreeEnsembleNode node, bool weightsPositive, EdgeValue input, EdgeValue label, EdgeValue scores) : IEdgeOperator
{
    private readonly long[] _labels = [.. node.Labels];

    public static IEdgeOperator Prepare(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = builder.Floats(node, 0);
        var trees = TreeEnsembleNode.Read(node, input.Width);
        var positive = true;
        foreach (var weight in trees.Ensemble.Weights)
        {
            positive &= weight.Weight >= 0;
        }

        return new TreeClassifier(
            new EnsembleScorer(trees.Ensemble),
            trees,
            positive,
            input,
            builder.Output(node, 0, ElementType.Int64, 1),
            builder.Output(node, 1, ElementType.Float32, trees.Labels.Count));
    }

    public void Run(in EdgeFrame frame)
    {
        var rows = frame.Floats(input);
        var labels = frame.Longs(label);
        var result = frame.Floats(scores);
        if (node.PositiveWeightsOnly)
        {
            RunBinary(rows, labels, result);
            return;
        }

        scorer.Score(rows, result);
        for (var r = 0; r < frame.Rows; r++)
        {
            labels[r] = _labels[ScoreTransform.IndexOfLargest(result.Slice(r * scores.Width, scores.Width))];
        }

        ScoreTransform.Apply(node.Ensemble.PostTransform, result, scores.Width);
    }

    // The raw scores fill the first half of the result and are spread from the last row to the first.
    private void RunBinary(ReadOnlySpan<float> rows, Span<long> labels, Span<float> result)
    {
        var raw = result[..labels.Length];
        scorer.Score(rows, raw);
        var logistic = node.Ensemble.PostTransform == PostTransform.Logistic;
        for (var r = labels.Length - 1; r >= 0; r--)
        {
            // ONNX Runtime takes leaves that are all positive for probabilities, others for margins; the specification is silent.
            var x = raw[r];
            labels[r] = _labels[x > (weightsPositive ? 0.5f : 0f) ? 1 : 0];
            (result[2 * r], result[(2 * r) + 1]) = logistic ? (Activations.Logistic(-x), Activations.Logistic(x))
                : weightsPositive ? (1 - x, x)
                : (-x, x);
        }
    }
}
