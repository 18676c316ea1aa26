using FlightDelay.Report;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;

namespace FlightDelay.Training;

/// <summary>How much each feature gave to the trees.</summary>
internal static class FeatureImportances
{
    /// <summary>The features by their share of all splits' gain, the greatest first.</summary>
    public static IReadOnlyList<FeatureImportance> Of(CalibratedModelParametersBase<FastTreeBinaryModelParameters, PlattCalibrator> model, ReadOnlySpan<string> features)
    {
        var weights = default(VBuffer<float>);
        model.SubModel.GetFeatureWeights(ref weights);
        var names = features.ToArray();
        var gains = weights.DenseValues().Select(weight => (double)weight).ToArray();
        var sum = gains.Sum();
        return [.. names.Zip(gains, (name, gain) => new FeatureImportance(name, sum > 0 ? gain / sum : 0)).OrderByDescending(f => f.GainShare)];
    }
}
