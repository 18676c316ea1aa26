using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using Mlp.Core;

namespace Mlp.MLNet;

/// <summary>
/// Boosted trees and forests trained by ML.NET as the neutral ensemble, from which <see cref="TreeEnsembleOnnx"/> writes ONNX.
/// </summary>
/// <remarks>
/// ML.NET compares in double, the ensemble in float: its builder rounds a threshold so that <c>x &lt;= t</c> decides alike for
/// every float x. Categorical splits are refused: they are sets, which these operators do not have.
/// </remarks>
public static class MLNetTrees
{
    /// <summary>A binary classifier of FastTree with its Platt calibration folded in: the ensemble's logistic is the probability.</summary>
    /// <param name="model">The trained model; <c>transformer.Model</c> of what <c>BinaryClassification.Trainers.FastTree</c> fits.</param>
    /// <param name="featureCount">Elements of the features vector.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: the model has categorical splits.</exception>
    public static TreeEnsemble FromBinary(CalibratedModelParametersBase<FastTreeBinaryModelParameters, PlattCalibrator> model, int featureCount)
    {
        ArgumentNullException.ThrowIfNull(model);

        // Platt: P = 1 / (1 + exp(slope · score + offset)), so the logistic's argument is −slope · score − offset.
        var trees = model.SubModel.TrainedTreeEnsemble;
        var slope = -model.Calibrator.Slope;
        return Convert(trees.Trees, trees.TreeWeights, slope, (trees.Bias * slope) - model.Calibrator.Offset, featureCount)
            .Build(EnsembleAggregate.Sum, PostTransform.Logistic, (float)((trees.Bias * slope) - model.Calibrator.Offset));
    }

    /// <summary>A regression of FastTree.</summary>
    /// <param name="model">The trained model.</param>
    /// <param name="featureCount">Elements of the features vector.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: the model has categorical splits.</exception>
    public static TreeEnsemble FromRegression(FastTreeRegressionModelParameters model, int featureCount)
    {
        ArgumentNullException.ThrowIfNull(model);
        var trees = model.TrainedTreeEnsemble;
        return Convert(trees.Trees, trees.TreeWeights, 1, trees.Bias, featureCount).Build(EnsembleAggregate.Sum, PostTransform.None, (float)trees.Bias);
    }

    private static TreeEnsembleBuilder Convert(IReadOnlyList<RegressionTreeBase> trees, IReadOnlyList<double> weights, double scale, double bias, int featureCount)
    {
        if (!double.IsFinite(scale) || !double.IsFinite(bias))
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"The model's calibration is not finite (scale {scale}, bias {bias}).");
        }

        var builder = new TreeEnsembleBuilder(featureCount);
        for (var t = 0; t < trees.Count; t++)
        {
            Add(trees[t], t, weights[t] * scale, builder);
        }

        return builder;
    }

    // Inner nodes keep their index; leaf i of the tree becomes node (number of inner nodes + i). A child below zero is the leaf ~child.
    private static void Add(RegressionTreeBase tree, int index, double scale, TreeEnsembleBuilder builder)
    {
        builder.BeginTree();
        var inner = tree.NumberOfNodes;
        for (var node = 0; node < inner; node++)
        {
            if (tree.CategoricalSplitFlags[node])
            {
                throw new MlpException(ErrorCodes.ModelInvalid, $"Tree {index}, node {node} splits by a set of categories; train without categorical splits (CategoricalSplit = false).");
            }

            builder.Branch(
                NodeMode.LessOrEqual,
                tree.NumericalSplitFeatureIndexes[node],
                tree.NumericalSplitThresholds[node],
                Child(tree.LeftChild[node], inner),
                Child(tree.RightChild[node], inner));
        }

        for (var leaf = 0; leaf < tree.NumberOfLeaves; leaf++)
        {
            builder.Leaf((float)(tree.LeafValues[leaf] * scale));
        }
    }

    private static int Child(int child, int inner) => child >= 0 ? child : inner + ~child;
}
