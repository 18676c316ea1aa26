namespace Mlp.Inference;

/// <content>How a batch is given time to grow.</content>
internal sealed partial class BatchScheduler
{
    // The clock is asked only where the answer depends on it.
    private long NowForDelay => _rules.DelayTicks == 0 ? 0 : _time.GetTimestamp();

    // Under the lock, after a row was placed: whenever a batch waits to grow, the timer runs.
    private void RunDelay()
    {
        if (_delay is null || _delayRuns || _released)
        {
            return;
        }

        var now = _time.GetTimestamp();
        var at = _queue.NextDueAt(now);
        if (at != 0)
        {
            _delayRuns = true;
            _delay.Change(TimeSpan.FromSeconds((at - now) / (double)_time.TimestampFrequency), Timeout.InfiniteTimeSpan);
        }
    }

    // A timer may come early, and the oldest row may be gone: what is due is asked again.
    private void DelayPassed()
    {
        BatchInstance? woken;
        lock (_gate)
        {
            _delayRuns = false;
            woken = Wake();
            RunDelay();
        }

        woken?.Schedule(preferLocal: false);
    }
}
