namespace Mlp.Inference;

/// <summary>How a source is watched.</summary>
public sealed record WatchOptions
{
    /// <summary>The shortest interval that may be asked for.</summary>
    public static readonly TimeSpan IntervalMin = TimeSpan.FromMilliseconds(100);

    /// <summary>Time between two looks at the source.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After failures the interval doubles, up to this.</summary>
    public TimeSpan FailureIntervalMax { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Checks the options.</summary>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Interval, IntervalMin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Interval, TimeSpan.FromDays(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(FailureIntervalMax, Interval);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(FailureIntervalMax, TimeSpan.FromDays(1));
    }
}
