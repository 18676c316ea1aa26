namespace Mlp.Inference;

/// <content>How a batch is given time to grow.</content>
internal sealed partial class BatchScheduler
{
    // The clock is asked only where the answer depends on it.
    private long NowForDelay => _rules.DelayTicks == 0 ? 0 : _time.GetTimestamp();

    // Under the lock, after a row was placed and after an instance left a batch to grow: whenever one does, the timer runs. It is
    // asked at the same moment as the instance was, or a batch that became due in between would be left by both.
    private void RunDelay(long now)
    {
        if (_delay is null || _delayRuns || _released)
        {
            return;
        }

        var at = _queue.NextDueAt(now);
        if (at != 0)
        {
            // Timers count whole milliseconds; a fraction would come to nothing and make the timer spin.
            _delayRuns = true;
            _delay.Change(TimeSpan.FromMilliseconds(Math.Ceiling((at - now) * 1000.0 / _time.TimestampFrequency)), Timeout.InfiniteTimeSpan);
        }
    }

    // A timer may come early, and the oldest row may be gone: what is due is asked again.
    private void DelayPassed()
    {
        BatchInstance? woken;
        lock (_gate)
        {
            _delayRuns = false;
            var now = NowForDelay;
            woken = Wake(now);
            RunDelay(now);
        }

        woken?.Schedule(preferLocal: false);
    }
}
