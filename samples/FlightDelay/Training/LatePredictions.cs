using Mlp.Inference;

namespace FlightDelay.Training;

/// <summary>A model's probability of being late, for many flights at once: the offline way.</summary>
internal static class LatePredictions
{
    /// <summary>Column of the model's answer that is the probability of being late.</summary>
    public const int Column = 1;

    public static float[] Of(HostedModel model, LabelledRows flights)
    {
        var outputs = new float[flights.Count * model.OutputElements];
        model.PredictMany(flights.Flatten(), outputs);
        var late = new float[flights.Count];
        for (var i = 0; i < late.Length; i++)
        {
            late[i] = outputs[(i * model.OutputElements) + Column];
        }

        return late;
    }
}
