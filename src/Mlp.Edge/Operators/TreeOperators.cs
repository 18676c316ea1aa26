using Mlp.Core;

namespace Mlp.Edge;

/// <summary>Rows and raw scores of an ensemble, each in float or double.</summary>
internal sealed class TreeRows(TreeEnsemble ensemble, EdgeValue input)
{
    private readonly EnsembleScorer _scorer = new(ensemble);

    public static TreeRows Of(OnnxNode node, TreeEnsemble ensemble, EdgeValue input, EdgeGraphBuilder builder)
    {
        var rows = new TreeRows(ensemble, input);
        builder.Add(new EdgeTrees(node.ToString(), ensemble, rows._scorer.Layout));
        return rows;
    }

    public static EdgeValue Input(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = builder.Input(node, 0);
        return input.Type is ElementType.Float32 or ElementType.Float64
            ? input
            : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: input 0 is {input.Type.Name()}; expected float32 or float64.");
    }

    public void Score(in EdgeFrame frame, Span<float> scores)
    {
        if (input.Type == ElementType.Float32)
        {
            _scorer.Score(frame.Floats(input), scores);
        }
        else
        {
            _scorer.Score<double, float>(frame.Doubles(input), scores);
        }
    }

    public void Score(in EdgeFrame frame, Span<double> scores)
    {
        if (input.Type == ElementType.Float32)
        {
            _scorer.Score<float, double>(frame.Floats(input), scores);
        }
        else
        {
            _scorer.Score<double, double>(frame.Doubles(input), scores);
        }
    }

    /// <summary>Which classes a row's leaves have weights for.</summary>
    public void Reached(in EdgeFrame frame, int row, Span<bool> classes)
    {
        classes.Clear();
        foreach (var root in ensemble.Roots)
        {
            var leaf = input.Type == ElementType.Float32
                ? EnsembleWalk.Leaf<float>(ensemble, root, frame.Floats(input).Slice(row * input.Width, input.Width))
                : EnsembleWalk.Leaf<double>(ensemble, root, frame.Doubles(input).Slice(row * input.Width, input.Width));
            foreach (var weight in ensemble.WeightsOf(ensemble.Nodes[leaf]))
            {
                classes[weight.Target] = true;
            }
        }
    }
}

/// <summary><c>ai.onnx.ml.TreeEnsembleRegressor</c>, which gives floats, and <c>TreeEnsemble</c>, which gives its input's type.</summary>
internal sealed class TreeRegressor(TreeRows rows, PostTransform transform, EdgeValue output) : IEdgeOperator
{
    public static IEdgeOperator Prepare(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = TreeRows.Input(node, builder);
        var ensemble = TreeEnsembleNode.Read(node, input.Width, input.Type).Ensemble;
        var type = node.OpType == "TreeEnsemble" ? input.Type : ElementType.Float32;
        return new TreeRegressor(TreeRows.Of(node, ensemble, input, builder), ensemble.PostTransform, builder.Output(node, 0, type, ensemble.TargetCount));
    }

    public void Run(in EdgeFrame frame)
    {
        if (output.Type == ElementType.Float64)
        {
            var doubles = frame.Doubles(output);
            rows.Score(frame, doubles);
            ScoreTransform.Apply(transform, doubles, output.Width);
            return;
        }

        var scores = frame.Floats(output);
        rows.Score(frame, scores);
        ScoreTransform.Apply(transform, scores, output.Width);
    }
}
