namespace Mlp.Inference;

/// <summary>Who waits, what runs, and which instance is idle, under one short lock.</summary>
internal sealed partial class BatchScheduler : IRequestOwner, IBatchSource, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly BatchingOptions _options;
    private readonly ModelMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly BatchRules _rules;
    private readonly RunPermit _permit;
    private readonly BatchMemory _memory;
    private readonly RunOfOne _runOfOne;
    private readonly BatchQueue _queue;
    private readonly BatchInstance[] _instances;
    private readonly BatchInstance[] _idle;
    private readonly BatchWatch _watch;
    private readonly ITimer? _delay;

    // Made once: the watch looks a hundred times a second.
    private readonly Func<PredictionRequest, Exception> _late;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _idleCount;
    private int _scheduled;
    private bool _delayRuns;
    private int _entered;
    private bool _closing;
    private bool _released;

    public BatchScheduler(IPreparedModel model, BatchingOptions options, ModelMetrics metrics, TimeProvider time, IDisposable alsoReleased, CancellationToken cancellationToken)
    {
        _options = options;
        _metrics = metrics;
        _time = time;
        var count = options.InstanceCount;
        _late = Late;
        _rules = new BatchRules(options, time);
        _runOfOne = new RunOfOne(time);
        _memory = new BatchMemory(model, options, _rules, metrics.Model, alsoReleased, cancellationToken);
        _queue = new BatchQueue(_memory.Batches(), _rules);
        _permit = new RunPermit(options.Slots, options.Weight, time);
        _instances = new BatchInstance[count];
        for (var i = 0; i < count; i++)
        {
            _instances[i] = new BatchInstance(this, _memory.Session(i), options.BatchRowsMax, _permit, time);
        }

        _idle = [.. _instances];
        _idleCount = count;
        _watch = new BatchWatch(time, TimeSpan.FromMilliseconds(options.ContinuationMsMax), Look, IsActive);
        if (_rules.DelayTicks > 0)
        {
            _delay = time.CreateTimer(static state => ((BatchScheduler)state!).DelayPassed(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
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

    /// <summary>Completes when nothing runs any more and the model was let go.</summary>
    public Task Released => _drained.Task;

    void IRequestOwner.Recycle(PredictionRequest request) => RequestPool.Return(request);

    public int InstanceCount => _instances.Length;

    public IReadOnlyList<int> PreferredBatchRows => _rules.Preferred.ToArray();

    /// <summary>Whether a run of one row is so short that handing it to another thread would cost as much.</summary>
    public bool IsRunOfOneShort => _runOfOne.IsShort;

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

    private bool IsActive()
    {
        lock (_gate)
        {
            return !_released && (_idleCount < _instances.Length || _queue.WaitingRows > 0);
        }
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
            _delay?.Dispose();
            _memory.Dispose();
            _drained.TrySetResult();
        }
    }
}
