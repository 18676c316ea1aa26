namespace Mlp.Inference;

/// <content>How batches reach the instances, and answers the requests.</content>
internal sealed partial class BatchScheduler
{
    /// <summary>Gives an instance the next batch; false, and the instance is idle, where none is ready.</summary>
    public bool Take(BatchInstance instance)
    {
        BatchInstance? woken;
        bool taken, release;
        lock (_gate)
        {
            if (instance.IsScheduled)
            {
                instance.IsScheduled = false;
                _scheduled--;
            }

            EndLateWaiting();
            var now = NowForDelay;
            instance.Running = _queue.TakeReady(now);
            taken = instance.Running is not null;
            if (!taken)
            {
                _idle[_idleCount++] = instance;
                RunDelay(now);
            }

            woken = Wake(now);
            release = MayRelease();
        }

        woken?.Schedule(preferLocal: false);
        ReleaseIf(release);
        return taken;
    }

    /// <summary>Runs an instance's batch and collects whom to answer.</summary>
    public void Execute(BatchInstance instance, CompletionRun run)
    {
        var batch = instance.Running!;
        var startedAt = _rules.NeedsTimes || ModelMetrics.WantsQueueTime ? _time.GetTimestamp() : 0;
        Exception? failure = null;
        try
        {
            RunTimed(instance.Session, batch.Memory, batch.Rows, isJudged: true);
        }
        catch (Exception e)
        {
            // Whatever a runtime throws belongs to the callers of this batch, not to the pool's thread.
            failure = e;
        }

        Collect(instance, batch, run, startedAt);

        // From here on nobody means this batch when they cancel.
        instance.Session.Reset();
        foreach (var request in run.Requests)
        {
            if (ModelMetrics.WantsQueueTime && request.EnqueuedAt != 0)
            {
                _metrics.Queued(_time.GetElapsedTime(request.EnqueuedAt, startedAt));
            }

            if (failure is null)
            {
                request.TakeResult(batch.Memory);
            }
            else
            {
                request.SetError(InferenceErrors.Failed(_metrics.Model, failure));
            }
        }

        if (failure is null)
        {
            _metrics.Answered(run.Count);
        }
        else
        {
            _metrics.Failed(run.Count);
        }

        lock (_gate)
        {
            _queue.ReleaseRun(batch);
        }
    }

    // From here on nobody else ends these requests; their answers are copied out without the lock.
    private void Collect(BatchInstance instance, Batch batch, CompletionRun run, long startedAt)
    {
        var endedAt = _rules.Latency is null ? 0 : _time.GetTimestamp();
        lock (_gate)
        {
            instance.Running = null;
            foreach (var slot in batch.Slots)
            {
                if (slot.Request is { } request && request.TryEnd(slot.Stamp))
                {
                    run.Add(request);
                }
            }

            if (_rules.Latency is { } latency && run.Count > 0)
            {
                latency.Observe(endedAt - run.Requests[0].EnqueuedAt, endedAt - startedAt, batch.Rows);
            }
        }
    }

    // Wakes one instance for each batch that could run, no more: a second one woken for the same rows would find nothing.
    private BatchInstance? Wake(long now, int comesBack = 0)
    {
        if (_idleCount == 0 || !_queue.HasMoreReadyThan(_scheduled + comesBack, now))
        {
            return null;
        }

        var instance = _idle[--_idleCount];
        instance.IsScheduled = true;
        _scheduled++;
        return instance;
    }

    // A thread that hands out answers looks at the queue as soon as it is done, so a batch of its own callers' rows needs no other
    // thread. Asked under the lock: whoever takes such a thread's duties over comes through the same lock and finds the row.
    private BatchInstance? WakeForOwn() => _idleCount == 0 ? null : Wake(NowForDelay, BatchInstance.HandsOutHere(this) ? 1 : 0);

    private void RunTimed(IModelSession session, ModelMemory memory, int rows, bool isJudged)
    {
        if (!ModelMetrics.WantsExecuteTime)
        {
            var began = _runOfOne.Begin(rows, isJudged);
            session.Run(memory, rows);
            _runOfOne.End(began);
            return;
        }

        var started = _time.GetTimestamp();
        session.Run(memory, rows);
        _runOfOne.End(rows == 1 ? started : 0);
        _metrics.Executed(_time.GetElapsedTime(started));
        _metrics.Ran(rows);
    }
}
