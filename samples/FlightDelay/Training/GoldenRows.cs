using Mlp.Core;

namespace FlightDelay.Training;

/// <summary>Flights with the trainer's own predictions: what every host of the model checks before it serves.</summary>
internal static class GoldenRows
{
    private const int Count = 16;

    /// <summary>Rows spread over the held-out flights.</summary>
    public static GoldenExamples Of(LabelledRows rows, float[] expected)
    {
        var examples = new List<GoldenExample>();
        for (var i = 0; i < Math.Min(Count, rows.Count); i++)
        {
            var row = (int)((long)i * rows.Count / Math.Min(Count, rows.Count));
            examples.Add(new GoldenExample(
                new Dictionary<string, double[]> { ["features"] = [.. rows.Features[row].Select(value => (double)value)] },
                new Dictionary<string, double[]> { ["probabilities"] = [1 - (double)expected[row], expected[row]] }));
        }

        return new GoldenExamples { Tolerance = 1e-5, Examples = examples };
    }
}
