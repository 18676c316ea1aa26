using Microsoft.ML.Calibrators;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Mlp.Core;

namespace Mlp.MLNet;

/// <summary>
/// Boosted trees, forests and additive models trained by ML.NET as the neutral ensemble, which Mlp.Edge runs and from which
/// <see cref="TreeEnsembleOnnx"/> writes ONNX.
/// </summary>
/// <remarks>
/// <para>Taken are FastTree (binary, regression, ranking, Tweedie), FastForest (binary, regression), GAM (binary, regression), LightGBM (binary,
/// regression, ranking, multiclass) and one-versus-all over any of the binary ones, with or without Platt's calibration.</para>
/// <para>ML.NET's rows are floats and its sums are double. <see cref="ElementType.Float64"/> as the type of sums gives its scores but for the last rounding
/// to float; <see cref="ElementType.Float32"/>, which is faster, rounds each sum.</para>
/// <para>A split by a set of categories asks whether any of some columns of a one-hot vector is above zero. It becomes one question a column, and what
/// follows a yes is repeated for each of them.</para>
/// </remarks>
public static class MLNetTrees
{
    /// <summary>Any of the models above: its probability where it is calibrated or one-versus-all, else its score.</summary>
    /// <param name="model">The trained model; <c>transformer.Model</c> of what a trainer fits.</param>
    /// <param name="featureCount">Elements of the features vector.</param>
    /// <param name="sum">The type leaves are summed in.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: the model or its calibrator is of another kind, or its splits by categories would become too many nodes.</exception>
    public static TreeEnsemble From(object model, int featureCount, ElementType sum = ElementType.Float32)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model is OneVersusAllModelParameters oneVersusAll)
        {
            return FromOneVersusAll(oneVersusAll, featureCount, sum);
        }

        var scores = new ScoreTrees(featureCount, 1, sum);
        return model switch
        {
            CalibratedModelParametersBase => scores.AddCalibrated(model, 0).Build(PostTransform.Logistic),
            FastTreeTweedieModelParameters => scores.Add(model, 0).Build(PostTransform.Exp),
            _ => scores.Add(model, 0).Build(PostTransform.None),
        };
    }

    /// <summary>A binary classifier with its Platt calibration folded in: the ensemble's logistic is the probability.</summary>
    /// <param name="model">The trained model; <c>transformer.Model</c> of what <c>BinaryClassification.Trainers.FastTree</c> fits.</param>
    /// <param name="featureCount">Elements of the features vector.</param>
    /// <param name="sum">The type leaves are summed in.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: the calibration is not finite, or splits by categories would become too many nodes.</exception>
    public static TreeEnsemble FromBinary(CalibratedModelParametersBase<FastTreeBinaryModelParameters, PlattCalibrator> model, int featureCount, ElementType sum = ElementType.Float32) =>
        From(model, featureCount, sum);

    /// <summary>
    /// A binary classifier whose calibrator was fitted apart (<c>BinaryClassification.Calibrators.Platt</c>), as FastForest's is: the ensemble's
    /// logistic is the probability. ML.NET's class is still the sign of the score, which the probability need not follow.
    /// </summary>
    /// <param name="model">The trained model.</param>
    /// <param name="calibrator">The calibrator.</param>
    /// <param name="featureCount">Elements of the features vector.</param>
    /// <param name="sum">The type leaves are summed in.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: the model is of another kind, or the calibration is not finite.</exception>
    public static TreeEnsemble FromBinary(object model, PlattCalibrator calibrator, int featureCount, ElementType sum = ElementType.Float32)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(calibrator);
        return new ScoreTrees(featureCount, 1, sum).AddCalibrated(model, calibrator, 0).Build(PostTransform.Logistic);
    }

    /// <summary>A regression of FastTree.</summary>
    /// <param name="model">The trained model.</param>
    /// <param name="featureCount">Elements of the features vector.</param>
    /// <param name="sum">The type leaves are summed in.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: splits by categories would become too many nodes.</exception>
    public static TreeEnsemble FromRegression(FastTreeRegressionModelParameters model, int featureCount, ElementType sum = ElementType.Float32) => From(model, featureCount, sum);

    private static TreeEnsemble FromOneVersusAll(OneVersusAllModelParameters model, int featureCount, ElementType sum)
    {
        var classes = HiddenParts.ClassesOf(model);
        var scores = new ScoreTrees(featureCount, classes.Length, sum);
        var formula = HiddenParts.OutputOf(model);
        for (var c = 0; c < classes.Length; c++)
        {
            if (formula == PostTransform.OneAgainstAll)
            {
                scores.AddCalibrated(classes[c], c);
            }
            else
            {
                scores.Add(classes[c] is CalibratedModelParametersBase ? HiddenParts.SubModelOf(classes[c]) : classes[c], c);
            }
        }

        return scores.Build(formula);
    }
}
