using System.Threading.Tasks.Sources;

namespace Mlp.Inference;

/// <summary>
/// One request on its way: a pooled source of one awaitable. Exactly one of its endings (answer, failure, cancellation, deadline)
/// wins; a stamp that grows with each use keeps the latecomers of an earlier use away.
/// </summary>
internal sealed class PredictionRequest : IValueTaskSource, IValueTaskSource<float>, IThreadPoolWorkItem
{
    private ManualResetValueTaskSourceCore<float> _core;
    private IRequestOwner _owner = null!;
    private Exception? _error;
    private float _value;
    private ResultTarget _target;
    private CancellationTokenRegistration _registration;
    private long _deadlineAt;

    // Twice the number of uses, plus one once an ending has won.
    private int _state;

    public Batch? Batch { get; set; }

    /// <summary>First row in the batch.</summary>
    public int Row { get; set; }

    public int Rows { get; set; }

    /// <summary>Index among the batch's requests.</summary>
    public int Index { get; set; }

    /// <summary>When it came, in ticks of the clock; 0 where nobody asks.</summary>
    public long EnqueuedAt { get; private set; }

    /// <summary>Whether it has to be there at a certain time.</summary>
    public bool HasDeadline => _deadlineAt != 0;

    public TimeSpan Deadline { get; private set; }

    public short Version => _core.Version;

    /// <summary>What <see cref="TryEnd"/> takes during this use.</summary>
    public int Stamp => Volatile.Read(ref _state) & ~1;

    public void Begin(IRequestOwner owner, in ResultTarget target, TimeSpan deadline, long deadlineAt, long enqueuedAt)
    {
        _owner = owner;
        _target = target;
        _deadlineAt = deadlineAt;
        Deadline = deadline;
        EnqueuedAt = enqueuedAt;
    }

    /// <summary>Ends the request when the token says so. The request may be answered already.</summary>
    public void CancelWith(CancellationToken token)
    {
        if (token.CanBeCanceled)
        {
            _registration = token.UnsafeRegister(static (state, token) => ((PredictionRequest)state!)._owner.Cancel((PredictionRequest)state, token), this);
        }
    }

    /// <summary>Whether its deadline passed; at the end of time every request is late.</summary>
    public bool IsLate(long now) => now == long.MaxValue || (_deadlineAt != 0 && _deadlineAt <= now);

    /// <summary>Wins the right to end the request. Under the batcher's lock, where all rivals meet: no row pays for an interlocked operation of its own.</summary>
    public bool TryEnd(int stamp)
    {
        if (Volatile.Read(ref _state) != stamp)
        {
            return false;
        }

        _state = stamp | 1;
        return true;
    }

    /// <summary>Whether nobody has ended this use of the request.</summary>
    public bool IsOpen(int stamp) => Volatile.Read(ref _state) == stamp;

    /// <summary>Copies the answer out; only for who won <see cref="TryEnd"/>.</summary>
    public void TakeResult(ModelMemory memory)
    {
        try
        {
            _value = _target.Take(memory, Row, Rows);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The caller's memory may be gone (its owner disposed it): that is this caller's failure alone.
            _error = e;
        }
    }

    public void SetError(Exception error) => _error = error;

    /// <summary>Wakes the caller on this thread.</summary>
    public void Finish()
    {
        if (_error is { } error)
        {
            _core.SetException(error);
        }
        else
        {
            _core.SetResult(_value);
        }
    }

    /// <summary>Wakes the caller on a thread of the pool.</summary>
    public void FinishElsewhere() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    void IThreadPoolWorkItem.Execute() => Finish();

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    public float GetResult(short token)
    {
        // Outside the try: a token of an earlier use must not give the request back a second time.
        if (_core.GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            throw new InvalidOperationException("The prediction was read before it was there.");
        }

        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            GiveUp();
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    /// <summary>Makes the request ready for its next use and gives it back to the pool.</summary>
    public void GiveUp()
    {
        // Waits for a cancellation that is under way, so that it cannot meet the next use.
        _registration.Dispose();
        _registration = default;
        _target = default;
        _deadlineAt = 0;
        _error = null;
        Batch = null;
        _core.Reset();
        Volatile.Write(ref _state, (_state | 1) + 1);

        // A request between two uses must not keep an unloaded model's memory.
        var owner = _owner;
        _owner = null!;
        owner.Recycle(this);
    }
}
