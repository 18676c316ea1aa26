namespace Mlp.Inference;

/// <summary>Looks at the batcher now and then while there is work, and costs nothing while there is none.</summary>
internal sealed class BatchWatch : IDisposable
{
    private readonly ITimer _timer;
    private readonly TimeSpan _period;
    private readonly Action _look;
    private readonly Func<bool> _isActive;
    private int _running;

    public BatchWatch(TimeProvider time, TimeSpan period, Action look, Func<bool> isActive)
    {
        _period = period;
        _look = look;
        _isActive = isActive;
        _timer = time.CreateTimer(static state => ((BatchWatch)state!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Start()
    {
        if (Volatile.Read(ref _running) == 0 && Interlocked.Exchange(ref _running, 1) == 0)
        {
            _timer.Change(_period, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        _look();
        Volatile.Write(ref _running, 0);

        // Asked after the flag fell: work that came before it did not start the timer.
        if (_isActive())
        {
            Start();
        }
    }
}
