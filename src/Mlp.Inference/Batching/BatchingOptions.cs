namespace Mlp.Inference;

/// <summary>How requests become batches. All bounds count rows.</summary>
public sealed record BatchingOptions
{
    /// <summary>Largest batch.</summary>
    public int BatchRowsMax { get; init; } = 64;

    /// <summary>Most rows that wait while all instances are busy; a request that would exceed it is refused at once.</summary>
    public int QueueRowsMax { get; init; } = 1024;

    /// <summary>Batches that run at the same time, each with a session of its own; 0 for one a core.</summary>
    public int Instances { get; init; }

    /// <summary>Largest batch of the synchronous bulk call, which runs on the caller's thread.</summary>
    public int BulkRowsMax { get; init; } = 256;

    /// <summary>How long a request may take that states no deadline of its own; null for as long as it needs.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>
    /// How long a caller's code may hold the thread that brings it its answer. After that the answers of the others, and the
    /// instance, go to another thread. Deadlines are looked at as often.
    /// </summary>
    public int ContinuationMsMax { get; init; } = 10;

    /// <summary>How long disposal waits for what was accepted; after that the rest fails.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The number of instances that is meant.</summary>
    internal int InstanceCount => Instances == 0 ? Environment.ProcessorCount : Instances;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A bound is not what it may be.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BatchRowsMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BatchRowsMax, 1 << 16);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(QueueRowsMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(QueueRowsMax, 1 << 20);
        ArgumentOutOfRangeException.ThrowIfNegative(Instances);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Instances, 1024);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BulkRowsMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BulkRowsMax, 1 << 16);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ContinuationMsMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(DrainTimeout, TimeSpan.Zero);
        if (Deadline is { } deadline)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(deadline, TimeSpan.Zero, nameof(Deadline));
        }
    }
}
