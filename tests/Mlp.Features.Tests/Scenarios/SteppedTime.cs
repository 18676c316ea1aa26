namespace Mlp.Features.Tests.Scenarios;

/// <summary>A clock whose waits end one after another, each when the test says so.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private readonly SemaphoreSlim _made = new(0);
    private readonly Queue<Timer> _timers = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(callback, state, dueTime);
        lock (_timers)
        {
            _timers.Enqueue(timer);
        }

        _made.Release();
        return timer;
    }

    /// <summary>Waits until someone waits, and ends that wait.</summary>
    /// <returns>How long it was to be.</returns>
    public async Task<TimeSpan> StepAsync()
    {
        await _made.WaitAsync();
        Timer timer;
        lock (_timers)
        {
            timer = _timers.Dequeue();
        }

        timer.Fire();
        return timer.DueTime;
    }

    private sealed class Timer(TimerCallback callback, object? state, TimeSpan dueTime) : ITimer
    {
        public TimeSpan DueTime => dueTime;

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
