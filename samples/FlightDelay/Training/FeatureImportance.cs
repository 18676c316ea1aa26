using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;

namespace FlightDelay.Training;

/// <summary>The share of all splits' gain that came from a feature.</summary>
internal sealed record FeatureImportance(string Feature, double GainShare)
{
    /// <summary>The features by importance, the greatest first.</summary>
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
