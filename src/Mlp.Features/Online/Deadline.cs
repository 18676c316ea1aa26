using System.Diagnostics;

namespace Mlp.Features;

/// <summary>The end of a wait that has several parts.</summary>
internal readonly struct Deadline(TimeSpan wait)
{
    private readonly long _start = Stopwatch.GetTimestamp();

    public TimeSpan Left => wait - Stopwatch.GetElapsedTime(_start) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    public bool HasPassed => Left == TimeSpan.Zero;
}
