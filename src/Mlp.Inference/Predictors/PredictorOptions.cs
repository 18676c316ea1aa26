namespace Mlp.Inference;

/// <summary>Bounds of a predictor.</summary>
public sealed record PredictorOptions
{
    /// <summary>Most rows of one <c>PredictManyAsync</c> that are on their way at once.</summary>
    public int InFlightMax { get; init; } = 256;

    /// <summary>Calls whose memory is kept for the next ones.</summary>
    public int KeptCallsMax { get; init; } = 1024;

    /// <summary>Checks the options.</summary>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(InFlightMax);
        ArgumentOutOfRangeException.ThrowIfNegative(KeptCallsMax);
    }
}
