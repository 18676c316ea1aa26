using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Who waits, what runs, and which instance is idle, under one short lock.</summary>
internal sealed class BatchScheduler : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly BatchingOptions _options;
    private readonly ModelMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly BatchMemory _memory;
    private readonly BatchQueue _queue;
    private readonly BatchInstance[] _instances;
    private readonly BatchInstance[] _idle;
    private readonly BatchWatch _watch;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _idleCount;
    private int _scheduled;
    private int _entered;
    private bool _closing;
    private bool _released;

    public BatchScheduler(IPreparedModel model, BatchingOptions options, ModelMetrics metrics, TimeProvider time, IDisposable alsoReleased)
    {
        _options = options;
        _metrics = metrics;
        _time = time;
        var count = options.InstanceCount;
        _memory = new BatchMemory(model, options, metrics.Model, alsoReleased);
        _queue = new BatchQueue(_memory.Batches(), options.BatchRowsMax, options.QueueRowsMax, count);
        _instances = new BatchInstance[count];
        for (var i = 0; i < count; i++)
        {
            _instances[i] = new BatchInstance(this, _memory.Session(i), options.BatchRowsMax, time);
        }

        _idle = [.. _instances];
        _idleCount = count;
        _watch = new BatchWatch(time, TimeSpan.FromMilliseconds(options.ContinuationMsMax), Look, IsActive);
    }

    public int WaitingRows
    {
        get
        {
            lock (_gate)
            {
                return _queue.WaitingRows;
            }
        }
    }

    public int InstanceCount => _instances.Length;

    public int BatchRowsMax => _options.BatchRowsMax;

    /// <summary>Holds the scheduler open for a request of several parts.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            _entered += _closing ? 0 : 1;
            return !_closing;
        }
    }

    public void Exit()
    {
        bool release;
        lock (_gate)
        {
            _entered--;
            release = MayRelease();
        }

        ReleaseIf(release);
    }

    /// <summary>The deadline that a request has, as a time of the clock; 0 for none.</summary>
    public long DeadlineAt(RequestOptions options, out TimeSpan deadline)
    {
        deadline = options.Deadline ?? _options.Deadline ?? TimeSpan.Zero;
        return deadline == TimeSpan.Zero && options.Deadline is null ? 0 : _time.GetTimestamp() + (long)(deadline.TotalSeconds * _time.TimestampFrequency);
    }

    /// <summary>Sends a request of one row.</summary>
    /// <returns>Null with an error where it was refused; null without one where the scheduler is closed.</returns>
    public PredictionRequest? Send<TSource>(TSource source, in ResultTarget target, RequestOptions options, CancellationToken cancellationToken, out Exception? error)
        where TSource : IRowSource, allows ref struct
    {
        error = null;
        var deadlineAt = DeadlineAt(options, out var deadline);
        var request = SendPart(source, target, 1, entered: false, deadline, deadlineAt, cancellationToken, out var refusal);
        if (request is null && refusal != Refusal.Closed)
        {
            error = Explain(refusal, cancellationToken);
        }

        return request;
    }

    /// <summary>Counts a refusal and makes the error of it.</summary>
    public Exception Explain(Refusal refusal, CancellationToken cancellationToken)
    {
        switch (refusal)
        {
            case Refusal.Canceled:
                _metrics.Canceled();
                return new OperationCanceledException(cancellationToken);
            case Refusal.QueueFull:
                _metrics.Rejected();
                return InferenceErrors.QueueFull(_metrics.Model, WaitingRows, _options.QueueRowsMax);
            default:
                return InferenceErrors.IsClosed(_metrics.Model);
        }
    }

    /// <summary>Sends as many of the rows as there is room for in one batch; the request's <see cref="PredictionRequest.Rows"/> says how many.</summary>
    /// <param name="source">Writes the rows.</param>
    /// <param name="target">Where the results go.</param>
    /// <param name="rows">Rows wanted.</param>
    /// <param name="entered">Whether the caller holds the scheduler open.</param>
    /// <param name="deadline">For the message.</param>
    /// <param name="deadlineAt">Time of the clock; 0 for none.</param>
    /// <param name="cancellationToken">Frees the rows' place.</param>
    /// <param name="refusal">Why there is no request.</param>
    public PredictionRequest? SendPart<TSource>(TSource source, in ResultTarget target, int rows, bool entered, TimeSpan deadline, long deadlineAt, CancellationToken cancellationToken, out Refusal refusal)
        where TSource : IRowSource, allows ref struct
    {
        if (cancellationToken.IsCancellationRequested)
        {
            refusal = Refusal.Canceled;
            return null;
        }

        var request = RequestPool.Rent();
        request.Begin(this, target, deadline, deadlineAt, ModelMetrics.WantsQueueTime ? _time.GetTimestamp() : 0);
        Batch? batch = null;
        BatchInstance? woken = null;
        var isShort = source.IsShort;
        lock (_gate)
        {
            refusal = _closing && !entered ? Refusal.Closed : _queue.Place(request, rows) == 0 ? Refusal.QueueFull : Refusal.None;
            if (refusal == Refusal.None)
            {
                batch = request.Batch!;
                if (isShort)
                {
                    source.Write(new RowSlot(batch.Memory, request.Row, request.Rows));
                    woken = Wake();
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

    /// <summary>Runs one row on the caller's thread if an instance is idle and nobody waits.</summary>
    public bool TryRunHere(ReadOnlySpan<float> row, Span<float> output, int outputIndex, out bool isClosed)
    {
        BatchInstance? instance = null;
        Batch? batch = null;
        lock (_gate)
        {
            isClosed = _closing;
            if (!_closing && _idleCount > 0 && (batch = _queue.TakeFree()) is not null)
            {
                instance = _idle[--_idleCount];
            }
        }

        if (instance is null)
        {
            return false;
        }

        try
        {
            batch!.Memory.WriteRows(row, 0, 1);
            RunTimed(instance.Session, batch.Memory, 1);
            new ResultTarget { Output = outputIndex }.TakeInto(batch.Memory, 0, 1, output);
            _metrics.Answered(1);
            return true;
        }
        catch (Exception e)
        {
            _metrics.Failed(1);
            throw InferenceErrors.Failed(_metrics.Model, e);
        }
        finally
        {
            GiveBack(instance, batch!);
        }
    }

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
            instance.Running = _queue.TakeReady();
            taken = instance.Running is not null;
            if (!taken)
            {
                _idle[_idleCount++] = instance;
            }

            woken = Wake();
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
        var startedAt = ModelMetrics.WantsQueueTime ? _time.GetTimestamp() : 0;
        Exception? failure = null;
        try
        {
            RunTimed(instance.Session, batch.Memory, batch.Rows);
        }
        catch (Exception e)
        {
            // Whatever a runtime throws belongs to the callers of this batch, not to the pool's thread.
            failure = e;
        }

        foreach (var slot in batch.Slots)
        {
            if (slot.Request is not { } request || !request.TryEnd(slot.Stamp))
            {
                continue;
            }

            if (startedAt != 0 && request.EnqueuedAt != 0)
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

            run.Add(request);
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
            instance.Running = null;
            _queue.ReleaseRun(batch);
        }
    }

    /// <summary>Ends a request whose caller no longer wants it.</summary>
    public void Cancel(PredictionRequest request, CancellationToken token)
    {
        bool release;
        lock (_gate)
        {
            if (!request.TryEnd(request.Stamp))
            {
                return;
            }

            // Whoever wins this end under the lock finds the request in its batch, waiting or running.
            if (request.Batch!.IsWaiting)
            {
                _queue.Remove(request);
            }

            release = MayRelease();
        }

        _metrics.Canceled();
        request.SetError(new OperationCanceledException(token));
        request.FinishElsewhere();
        ReleaseIf(release);
    }

    public async ValueTask DisposeAsync()
    {
        bool release;
        lock (_gate)
        {
            _closing = true;
            release = MayRelease();
        }

        ReleaseIf(release);
        try
        {
            await _drained.Task.WaitAsync(_options.DrainTimeout, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // A model that hangs keeps its memory until it comes back; its callers get an answer now.
            lock (_gate)
            {
                var error = InferenceErrors.IsClosed(_metrics.Model);
                _queue.EndWaiting(long.MaxValue, _ => error);
                EndRunning(long.MaxValue, _ => error);
                release = MayRelease();
            }

            ReleaseIf(release);
        }
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

                woken = Wake();
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

    // Wakes one instance for each batch that could run, no more: a second one woken for the same rows would find nothing.
    private BatchInstance? Wake()
    {
        if (_idleCount == 0 || !_queue.HasMoreReadyThan(_scheduled))
        {
            return null;
        }

        var instance = _idle[--_idleCount];
        instance.IsScheduled = true;
        _scheduled++;
        return instance;
    }

    private void GiveBack(BatchInstance instance, Batch batch)
    {
        BatchInstance? woken;
        bool release;
        lock (_gate)
        {
            _queue.ReleaseRun(batch);
            _idle[_idleCount++] = instance;
            woken = Wake();
            release = MayRelease();
        }

        woken?.Schedule(preferLocal: false);
        ReleaseIf(release);
    }

    private void RunTimed(IModelSession session, ModelMemory memory, int rows)
    {
        if (!ModelMetrics.WantsExecuteTime)
        {
            session.Run(memory, rows);
            return;
        }

        var started = _time.GetTimestamp();
        session.Run(memory, rows);
        _metrics.Executed(_time.GetElapsedTime(started));
        _metrics.Ran(rows);
    }

    private bool IsActive()
    {
        lock (_gate)
        {
            return !_released && (_idleCount < _instances.Length || _queue.WaitingRows > 0);
        }
    }

    // The watch's look, now and then while there is work: deadlines that passed, and callers' code that holds an instance.
    private void Look()
    {
        var now = _time.GetTimestamp();
        bool release;
        lock (_gate)
        {
            EndLateWaiting();
            EndRunning(now, Late);
            release = MayRelease();
        }

        ReleaseIf(release);
        foreach (var instance in _instances)
        {
            instance.TakeOverIfStuck(now, TimeSpan.FromMilliseconds(_options.ContinuationMsMax));
        }
    }

    private void EndLateWaiting()
    {
        if (_queue.HasDeadlines)
        {
            _queue.EndWaiting(_time.GetTimestamp(), Late);
        }
    }

    private void EndRunning(long now, Func<PredictionRequest, Exception> error)
    {
        foreach (var instance in _instances)
        {
            foreach (var slot in instance.Running is { } batch ? batch.Slots : [])
            {
                if (slot.Request is { } request && request.IsLate(now) && request.TryEnd(slot.Stamp))
                {
                    request.SetError(error(request));
                    request.FinishElsewhere();
                }
            }
        }
    }

    private MlpException Late(PredictionRequest request)
    {
        _metrics.Late();
        return InferenceErrors.Late(_metrics.Model, request.Deadline);
    }

    private bool MayRelease()
    {
        if (!_closing || _released || _entered > 0 || _idleCount < _instances.Length || _queue.Waiting.Length > 0)
        {
            return false;
        }

        return _released = true;
    }

    private void ReleaseIf(bool release)
    {
        if (release)
        {
            _watch.Dispose();
            _memory.Dispose();
            _drained.TrySetResult();
        }
    }
}
