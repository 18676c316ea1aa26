using Mlp.Monitoring;

namespace FlightDelay.Live;

/// <summary>What the replay of the held-out month came to.</summary>
internal sealed record LiveResult
{
    public required int Predictions { get; init; }

    public required int Events { get; init; }

    /// <summary>Rows whose features or prediction differ in any bit from the offline ones.</summary>
    public required int Differences { get; init; }

    /// <summary>Microseconds from the first key to the answer, ascending.</summary>
    public required double[] LatencyMicros { get; init; }

    /// <summary>The live traffic's own profile.</summary>
    public required DataProfile Profile { get; init; }

    public double Percentile(double share) => LatencyMicros[(int)Math.Min(LatencyMicros.Length - 1, share * LatencyMicros.Length)];
}

/// <summary>What many callers at once come to.</summary>
internal sealed record ThroughputResult(int Callers, double PredictionsPerSecond, long Wrong);
