namespace Mlp.Inference;

/// <summary>A level of priority: rows of an earlier level run before those of a later one, and fill no queue but their own.</summary>
public sealed record PriorityLevel
{
    /// <summary>Most levels.</summary>
    public const int CountMax = 16;

    /// <summary>Most rows of this level that wait.</summary>
    public int QueueRowsMax { get; init; } = 1024;

    /// <summary>How long a request of this level may take that states no deadline of its own; null for <see cref="BatchingOptions.Deadline"/>.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>Checks the level.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A bound is not what it may be.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(QueueRowsMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(QueueRowsMax, 1 << 20);
        if (Deadline is { } deadline)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(deadline, TimeSpan.Zero, nameof(Deadline));
        }
    }
}
