namespace Mlp.Registry.Server;

/// <summary>What one request, and all of them together, may ask of the server. Beyond a limit the caller gets an error that names it.</summary>
public sealed record RegistryLimits
{
    /// <summary>Largest JSON body in bytes.</summary>
    public long JsonBytesMax { get; init; } = 8L << 20;

    /// <summary>Largest file of a package in bytes.</summary>
    public long BlobBytesMax { get; init; } = 16L << 30;

    /// <summary>Largest evaluation report that a gate reads, in bytes.</summary>
    public int EvaluationBytesMax { get; init; } = 16 << 20;

    /// <summary>Most uploads at a time; one more is refused at once.</summary>
    public int UploadsMax { get; init; } = 16;

    /// <summary>Most rules in a gate.</summary>
    public int GateRulesMax { get; init; } = 100;

    /// <summary>The longest a write waits for the one writer before it is refused as temporarily unavailable.</summary>
    public TimeSpan WriterWaitMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Checks that every limit is positive.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is not.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(JsonBytesMax);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BlobBytesMax);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(EvaluationBytesMax);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(UploadsMax);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(GateRulesMax);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(WriterWaitMax, TimeSpan.Zero);
    }
}
