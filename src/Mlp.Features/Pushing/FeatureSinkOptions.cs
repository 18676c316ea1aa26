namespace Mlp.Features;

/// <summary>When what was pushed is appended to the offline store.</summary>
public sealed record FeatureSinkOptions
{
    /// <summary>Most events that wait for it; the push that would be one more appends them first.</summary>
    public int BufferEventsMax { get; init; } = 10_000;

    /// <summary>How long an event waits at most. Each append is a file at least, so not too short.</summary>
    public TimeSpan FlushAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BufferEventsMax);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(FlushAfter, TimeSpan.Zero);
        ArgumentNullException.ThrowIfNull(Time);
    }
}
