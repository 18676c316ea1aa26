using FlightDelay.Features;
using Mlp.Monitoring;

namespace FlightDelay.Pipeline;

/// <summary>Profiles of the model's inputs and of its output, the columns of which drift is measured.</summary>
internal static class TrafficProfile
{
    private const string Output = "probability";

    public static ProfileBuilder NewBuilder() => new([.. FlightFeatures.Service.Features.ToArray(), Output]);

    public static void Add(ProfileBuilder builder, ReadOnlySpan<float> features, float probability)
    {
        Span<float> row = stackalloc float[features.Length + 1];
        features.CopyTo(row);
        row[^1] = probability;
        builder.Add(row);
    }
}
