namespace Mlp.Core;

/// <summary>
/// Tree ensembles as ONNX models, with the oldest operator of the domain <c>ai.onnx.ml</c> that can state them: <c>TreeEnsembleClassifier</c>
/// and <c>TreeEnsembleRegressor</c> of version 3 for comparisons in float or double, <c>TreeEnsemble</c> of version 5 for sets.
/// </summary>
/// <remarks>
/// What comes out is float32, also of doubles. What no operator of trees has, such as a sum that starts at the base values or exp at the end,
/// becomes a tree of one leaf or an operator behind it. Linear leaves cannot be stated, and neither can zeros that count as missing where
/// that changes an answer. In a set, x is exactly a category there: a fraction is in none.
/// </remarks>
public static class TreeEnsembleOnnx
{
    /// <summary>The domain of classical models.</summary>
    public const string Domain = "ai.onnx.ml";

    /// <summary>
    /// A classifier of two classes: input <c>[batch, features]</c> of the ensemble's type; outputs <c>label: int64[batch]</c> (or texts, where the
    /// ensemble's labels are) and <c>probabilities: float32[batch, 2]</c>, the second column being the positive class.
    /// </summary>
    /// <param name="ensemble">One target, sum, and <see cref="PostTransform.Logistic"/> or none.</param>
    /// <param name="inputName">Name of the input.</param>
    /// <exception cref="ArgumentException">The ensemble is of another kind, or cannot be stated.</exception>
    public static OnnxModel BinaryClassifier(TreeEnsemble ensemble, string inputName = "features")
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        if (ensemble.TargetCount != 1 || ensemble.Aggregate != EnsembleAggregate.Sum || ensemble.PostTransform is not (PostTransform.None or PostTransform.Logistic))
        {
            throw new ArgumentException("expected an ensemble of one target, summed, with a logistic or no transform", nameof(ensemble));
        }

        return TreeClassifierOnnx.Write(ensemble, inputName);
    }

    /// <summary>
    /// A classifier of one target and two classes, as <see cref="BinaryClassifier"/>, or of three classes and more, one a target: outputs
    /// <c>label</c> and <c>probabilities: float32[batch, classes]</c>. Labels are the ensemble's, else 0, 1, 2 ...
    /// </summary>
    /// <exception cref="ArgumentException">The ensemble is of another kind, or cannot be stated.</exception>
    public static OnnxModel Classifier(TreeEnsemble ensemble, string inputName = "features")
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        if (ensemble.TargetCount == 1)
        {
            return BinaryClassifier(ensemble, inputName);
        }

        if (ensemble.TargetCount == 2 || ensemble.Aggregate is EnsembleAggregate.Min or EnsembleAggregate.Max
            || ensemble.PostTransform is not (PostTransform.None or PostTransform.Logistic or PostTransform.Softmax or PostTransform.SoftmaxZero or PostTransform.Probit))
        {
            // Of two classes with weights each, ONNX Runtime takes the label from the second alone, so a file would mean two things.
            throw new ArgumentException("expected an ensemble of one target, or of three and more, summed or averaged, with a transform that ONNX's classifier has", nameof(ensemble));
        }

        return TreeClassifierOnnx.Write(ensemble, inputName);
    }

    /// <summary>A regression: input <c>[batch, features]</c> of the ensemble's type; output <c>scores: float32[batch, targets]</c>.</summary>
    /// <exception cref="ArgumentException">The ensemble's transform is <see cref="PostTransform.Hinge"/>, <see cref="PostTransform.ArgMax"/>, <see cref="PostTransform.SignedSquare"/> or <see cref="PostTransform.OneAgainstAll"/>, or it cannot be stated.</exception>
    public static OnnxModel Regressor(TreeEnsemble ensemble, string inputName = "features")
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        var graph = new TreeGraph(inputName, ensemble.Input, ensemble.FeatureCount);
        TreeScoresOnnx.Add(ensemble, graph);
        TreeScoresOnnx.AddTransform(ensemble, graph);
        return graph.Model(new TensorSpec("scores", ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Fixed(ensemble.TargetCount)));
    }
}
