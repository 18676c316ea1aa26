namespace Mlp.Inference;

/// <content>How a request gets its place.</content>
internal sealed partial class BatchScheduler
{
    /// <summary>The deadline that a request has, as a time of the clock; 0 for none.</summary>
    public long DeadlineAt(RequestOptions options, out TimeSpan deadline)
    {
        deadline = options.Deadline ?? _options.DeadlineOf(options.Priority) ?? Timeout.InfiniteTimeSpan;
        if (deadline == Timeout.InfiniteTimeSpan)
        {
            return 0;
        }

        if (deadline < TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(options), deadline, "A deadline is not negative; Timeout.InfiniteTimeSpan is for none.");
        }

        // What lies beyond the end of the clock never comes.
        var (now, ticks) = (_time.GetTimestamp(), deadline.TotalSeconds * _time.TimestampFrequency);
        return ticks < long.MaxValue - now ? now + (long)ticks : 0;
    }

    /// <summary>Refuses a level that there is not.</summary>
    public void CheckPriority(RequestOptions options)
    {
        if ((uint)options.Priority >= (uint)_rules.Levels)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Priority, $"The model '{_metrics.Model}' has {_rules.Levels} levels of priority, from 0 on.");
        }
    }

    /// <summary>Sends a request of one row.</summary>
    /// <returns>Null with an error where it was refused; null without one where the scheduler is closed.</returns>
    public PredictionRequest? Send<TSource>(TSource source, in ResultTarget target, RequestOptions options, CancellationToken cancellationToken, out Exception? error)
        where TSource : IRowSource, allows ref struct
    {
        error = null;
        CheckPriority(options);
        var deadlineAt = DeadlineAt(options, out var deadline);
        var request = SendPart(source, target, 1, options.Priority, entered: false, deadline, deadlineAt, cancellationToken, out var refusal);
        if (request is null && refusal != Refusal.Closed)
        {
            error = Explain(refusal, options.Priority, cancellationToken);
        }

        return request;
    }

    /// <summary>Counts a refusal and makes the error of it.</summary>
    public Exception Explain(Refusal refusal, int level, CancellationToken cancellationToken)
    {
        switch (refusal)
        {
            case Refusal.Canceled:
                _metrics.Canceled();
                return new OperationCanceledException(cancellationToken);
            case Refusal.QueueFull:
                _metrics.Rejected();
                return _rules.LatencyObjective is { } objective
                    ? InferenceErrors.TooLong(_metrics.Model, WaitingRows, objective)
                    : InferenceErrors.QueueFull(_metrics.Model, WaitingRows, _rules.QueueRowsMax(level));
            default:
                return InferenceErrors.IsClosed(_metrics.Model);
        }
    }

    /// <summary>Sends as many of the rows as there is room for in one batch; the request's <see cref="PredictionRequest.Rows"/> says how many.</summary>
    /// <param name="source">Writes the rows.</param>
    /// <param name="target">Where the results go.</param>
    /// <param name="rows">Rows wanted.</param>
    /// <param name="level">Priority.</param>
    /// <param name="entered">Whether the caller holds the scheduler open.</param>
    /// <param name="deadline">For the message.</param>
    /// <param name="deadlineAt">Time of the clock; 0 for none.</param>
    /// <param name="cancellationToken">Frees the rows' place.</param>
    /// <param name="refusal">Why there is no request.</param>
    public PredictionRequest? SendPart<TSource>(TSource source, in ResultTarget target, int rows, int level, bool entered, TimeSpan deadline, long deadlineAt, CancellationToken cancellationToken, out Refusal refusal)
        where TSource : IRowSource, allows ref struct
    {
        if (cancellationToken.IsCancellationRequested)
        {
            refusal = Refusal.Canceled;
            return null;
        }

        var request = RequestPool.Rent();
        request.Begin(this, target, deadline, deadlineAt, _rules.NeedsTimes || ModelMetrics.WantsQueueTime ? _time.GetTimestamp() : 0);
        Batch? batch = null;
        BatchInstance? woken = null;
        var isShort = source.IsShort;
        lock (_gate)
        {
            refusal = _closing && !entered ? Refusal.Closed : _queue.Place(request, rows, level) == 0 ? Refusal.QueueFull : Refusal.None;
            if (refusal == Refusal.None)
            {
                batch = request.Batch!;
                RunDelay(NowForDelay);
                if (isShort)
                {
                    source.Write(new RowSlot(batch.Memory, request.Row, request.Rows));
                    woken = WakeForOwn();
                }
                else
                {
                    batch.Writers++;
                }
            }
        }

        if (batch is null)
        {
            request.GiveUp();
            return null;
        }

        if (!isShort)
        {
            woken = WriteOutsideLock(source, request, batch);
        }

        woken?.Schedule(preferLocal: true);
        _watch.Start();
        request.CancelWith(cancellationToken);
        return request;
    }

    private BatchInstance? WriteOutsideLock<TSource>(TSource source, PredictionRequest request, Batch batch)
        where TSource : IRowSource, allows ref struct
    {
        var written = false;
        BatchInstance? woken;
        var release = false;
        try
        {
            source.Write(new RowSlot(batch.Memory, request.Row, request.Rows));
            written = true;
        }
        finally
        {
            lock (_gate)
            {
                batch.Writers--;
                if (!written)
                {
                    _queue.Remove(request);
                    release = MayRelease();
                }

                woken = WakeForOwn();
            }

            if (!written)
            {
                woken?.Schedule(preferLocal: false);
                request.GiveUp();
                ReleaseIf(release);
            }
        }

        return woken;
    }
}
