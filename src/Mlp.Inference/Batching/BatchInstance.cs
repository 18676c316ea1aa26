namespace Mlp.Inference;

/// <summary>One of the batches that may run at once: a session, and the loop that takes what waits. Scheduled to the pool while there is work, idle otherwise.</summary>
internal sealed class BatchInstance(IBatchSource source, IModelSession session, int rowsMax, RunPermit permit, TimeProvider time) : IThreadPoolWorkItem, ISlotWaiter
{
    // Long enough that the queue's cost vanishes, short enough that others on the pool get their turn.
    private const long TurnMs = 2;

    private readonly ContinuationPolicy _policy = new(time);
    private CompletionRun _run = new(rowsMax);

    // While answers are handed out: a number that no other hand-out of this instance has, and when it began. 0 otherwise.
    private long _handOut;
    private long _handOutAt;
    private long _lastHandOut;

    // Whether a slot was taken for it while it waited.
    private bool _hasSlot;

    [ThreadStatic]
    private static BatchInstance? _here;

    [ThreadStatic]
    private static long _hereHandOut;

    public IModelSession Session => session;

    private IBatchSource Source => source;

    /// <summary>The batch that runs; set under the queue's lock.</summary>
    public Batch? Running { get; set; }

    /// <summary>Whether it was woken and has not looked at the queue yet; set under the queue's lock.</summary>
    public bool IsScheduled { get; set; }

    /// <summary>Called before a thread blocks: if it is handing out answers, another one goes on with that.</summary>
    public static void LeaveHandOut() => _here?.TakeOver(_hereHandOut);

    /// <summary>Whether this thread hands out answers of a source's batch, and will ask that source for more work.</summary>
    public static bool HandsOutHere(IBatchSource source) => _here is { } here && here.Source == source && Volatile.Read(ref here._handOut) == _hereHandOut;

    public void Schedule(bool preferLocal) => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal);

    void ISlotWaiter.SlotIsThere()
    {
        _hasSlot = true;
        Schedule(preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        var started = Environment.TickCount64;
        while (RunNext())
        {
            if (!HandOut(_run))
            {
                // Another thread went on with this instance while a caller's code held this one.
                return;
            }

            if (Environment.TickCount64 - started >= TurnMs)
            {
                Schedule(preferLocal: false);
                return;
            }
        }
    }

    // A slot is held while the model runs, not while callers are told.
    private bool RunNext()
    {
        if (!_hasSlot && !permit.EnterOrWait(this))
        {
            return false;
        }

        _hasSlot = false;
        var startedAt = 0L;
        try
        {
            if (!source.Take(this))
            {
                return false;
            }

            startedAt = permit.Now;
            _run.Begin();
            source.Execute(this, _run);
            return true;
        }
        finally
        {
            permit.Exit(startedAt);
        }
    }

    /// <summary>Takes over from a thread that has been handing out answers for too long.</summary>
    public void TakeOverIfStuck(long now, TimeSpan longest)
    {
        var handOut = Volatile.Read(ref _handOut);
        if (handOut != 0 && time.GetElapsedTime(Volatile.Read(ref _handOutAt), now) >= longest)
        {
            TakeOver(handOut);
        }
    }

    private void TakeOver(long handOut)
    {
        // Whoever takes the number away owns the instance from there on.
        if (handOut == 0 || Interlocked.CompareExchange(ref _handOut, 0, handOut) != handOut)
        {
            return;
        }

        var stuck = _run;
        _run = new CompletionRun(rowsMax);
        stuck.TakeRest();
        Schedule(preferLocal: false);
    }

    private bool HandOut(CompletionRun run)
    {
        if (!_policy.RunsHere())
        {
            run.FinishElsewhere();
            return true;
        }

        var started = time.GetTimestamp();
        var handOut = ++_lastHandOut;
        Volatile.Write(ref _handOutAt, started);
        Volatile.Write(ref _handOut, handOut);
        (_here, _hereHandOut) = (this, handOut);
        run.FinishHere();
        _here = null;
        if (Interlocked.CompareExchange(ref _handOut, 0, handOut) != handOut)
        {
            return false;
        }

        _policy.Observe(started, run.Count);
        return true;
    }
}
