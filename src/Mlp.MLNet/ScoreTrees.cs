using Microsoft.ML.Calibrators;
using Microsoft.ML.Trainers.FastTree;
using Mlp.Core;

namespace Mlp.MLNet;

/// <summary>Scores of ML.NET's models, one a target, on their way into an ensemble.</summary>
internal sealed class ScoreTrees(int featureCount, int targetCount, ElementType sum)
{
    private readonly TreeEnsembleBuilder _builder = new(featureCount, targetCount, ElementType.Float32, sum);
    private readonly List<double> _bases = [];
    private bool _sumsFromBase;

    /// <summary>Adds a model's score.</summary>
    /// <param name="model">The model, without its calibrator.</param>
    /// <param name="target">The target; one after another.</param>
    public ScoreTrees Add(object model, int target) => Add(model, target, 1, 0);

    /// <summary>Adds what a calibrated model's logistic is taken of.</summary>
    public ScoreTrees AddCalibrated(object model, int target) => HiddenParts.CalibratorOf(model) is PlattCalibrator platt
        ? AddCalibrated(HiddenParts.SubModelOf(model), platt, target)
        : throw new MlpException(ErrorCodes.ModelInvalid, $"The model's calibrator is {HiddenParts.CalibratorOf(model)?.GetType().Name ?? "none"}; expected Platt's.");

    /// <inheritdoc cref="AddCalibrated(object, int)"/>
    public ScoreTrees AddCalibrated(object model, PlattCalibrator platt, int target)
    {
        if (!double.IsFinite(platt.Slope) || !double.IsFinite(platt.Offset))
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"The model's calibration is not finite (slope {platt.Slope}, offset {platt.Offset}).");
        }

        // P = 1 / (1 + exp(slope · score + offset)), so the logistic's argument is −slope · score − offset.
        return Add(model, target, -platt.Slope, -platt.Offset);
    }

    public TreeEnsemble Build(PostTransform transform)
    {
        if (_builder.TreeCount == 0)
        {
            // Where nothing could be split, ML.NET keeps no tree.
            _builder.BeginTree().Leaf(0);
        }

        return _builder.Build(new EnsembleOutput { SumFromBase = _sumsFromBase, BaseValues = _bases, PostTransform = transform });
    }

    // Adds scale · score + offset.
    private ScoreTrees Add(object model, int target, double scale, double offset)
    {
        switch (model)
        {
            case TreeEnsembleModelParametersBasedOnRegressionTree boosted:
                AddTrees(boosted.TrainedTreeEnsemble.Trees, target, scale);
                break;
            case FastForestBinaryModelParameters votes:
                AddTrees(votes.TrainedTreeEnsemble.Trees, target, scale);
                break;
            case FastForestRegressionModelParameters forest:
                // Alone among them its score is an average.
                var trees = forest.TrainedTreeEnsemble.Trees;
                AddTrees(trees, target, scale / trees.Count);
                break;
            case GamModelParametersBase additive:
                GamTrees.Add(additive, _builder, target, scale);
                offset += additive.Bias * scale;
                _sumsFromBase = true;
                break;
            default:
                throw new MlpException(ErrorCodes.ModelInvalid, $"The model is {model.GetType().Name}; expected FastTree's, FastForest's, GAM's or LightGBM's.");
        }

        _bases.Add(offset);
        return this;
    }

    private void AddTrees(IReadOnlyList<RegressionTreeBase> trees, int target, double scale)
    {
        foreach (var tree in trees)
        {
            new TreeNodes(tree, _builder, target, scale).Add();
        }
    }
}
