namespace Mlp.Inference;

/// <summary>Whether a run of one row is so short that handing it to another thread would cost as much: judged by the first few such runs.</summary>
internal sealed class RunOfOne(TimeProvider time)
{
    private const int Samples = 16;

    // A thread that wakes another one pays some microseconds, and so does that one.
    private static readonly TimeSpan Short = TimeSpan.FromMicroseconds(20);

    private int _count;
    private long _shortestTicks = long.MaxValue;

    public bool IsShort { get; private set; }

    /// <summary>The time when a run begins that is to be judged; 0 for one that is not.</summary>
    public long Begin(int rows) => rows == 1 && Volatile.Read(ref _count) < Samples ? time.GetTimestamp() : 0;

    public void End(long began)
    {
        if (began == 0)
        {
            return;
        }

        // Threads that meet here lose a sample, no more.
        _shortestTicks = Math.Min(_shortestTicks, time.GetTimestamp() - began);
        if (Interlocked.Increment(ref _count) == Samples)
        {
            IsShort = time.GetElapsedTime(0, _shortestTicks) < Short;
        }
    }
}
