namespace Mlp.Inference;

/// <summary>
/// Whether a run of one row is so short that handing it to another thread would cost as much: judged by the shortest of every few such
/// runs, and taken back at once by a long one.
/// </summary>
internal sealed class RunOfOne(TimeProvider time)
{
    private const int Samples = 16;

    // A thread that wakes another one pays some microseconds, and so does that one.
    private static readonly TimeSpan Short = TimeSpan.FromMicroseconds(20);

    // Longer than a thread is usually held up by others.
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(50);

    private readonly long _shortTicks = TicksOf(Short, time);
    private readonly long _longTicks = TicksOf(Long, time);
    private int _count;
    private long _shortestTicks = long.MaxValue;
    private volatile bool _isShort;
    private volatile bool _wasJudged;

    public bool IsShort => _isShort;

    /// <summary>The time when a run begins that is to be judged; 0 for one that is not.</summary>
    /// <param name="rows">Its rows.</param>
    /// <param name="isJudged">Whether it is judged also after the first few.</param>
    public long Begin(int rows, bool isJudged) => rows == 1 && (isJudged || !_wasJudged) ? time.GetTimestamp() : 0;

    public void End(long began)
    {
        if (began == 0)
        {
            return;
        }

        // Threads that meet here lose a sample, no more.
        var ticks = time.GetTimestamp() - began;
        if (ticks >= _longTicks)
        {
            _isShort = false;
            Restart();
            return;
        }

        _shortestTicks = Math.Min(_shortestTicks, ticks);
        if (Interlocked.Increment(ref _count) >= Samples)
        {
            _isShort = _shortestTicks < _shortTicks;
            _wasJudged = true;
            Restart();
        }
    }

    private static long TicksOf(TimeSpan span, TimeProvider time) => (long)(span.TotalSeconds * time.TimestampFrequency);

    private void Restart()
    {
        _shortestTicks = long.MaxValue;
        Volatile.Write(ref _count, 0);
    }
}
