namespace Mlp.Inference;

/// <summary>What the options say about the size and the time of a batch, prepared for the questions that the queue asks for each row.</summary>
internal sealed class BatchRules
{
    private int[] _preferred = [];
    private readonly int[] _queueRowsMax;
    private readonly int _instances;

    public BatchRules(BatchingOptions options, TimeProvider time)
    {
        RowsMax = options.BatchRowsMax;
        _instances = options.InstanceCount;
        var preferred = (int[])[.. options.PreferredBatchRows ?? []];
        Array.Sort(preferred);
        DelayTicks = (long)(options.DelayMax.TotalSeconds * time.TimestampFrequency);
        LatencyObjective = options.LatencyObjective;
        if (LatencyObjective is { } objective)
        {
            Latency = new LatencyControl((long)(objective.TotalSeconds * time.TimestampFrequency), RowsMax, AllRows(options));
        }

        Prefer(preferred);

        _queueRowsMax = new int[options.LevelCount];
        for (var level = 0; level < _queueRowsMax.Length; level++)
        {
            _queueRowsMax[level] = options.QueueRowsMaxOf(level);
        }
    }

    /// <summary>Largest batch.</summary>
    public int RowsMax { get; }

    /// <summary>The sizes that batches are filled to, ascending; none for any.</summary>
    public ReadOnlySpan<int> Preferred => _preferred;

    /// <summary>Takes the sizes that were measured, ascending.</summary>
    public void Prefer(int[] sizes)
    {
        _preferred = sizes;
        Latency?.Prefer(sizes);
    }

    /// <summary>The objective, for messages.</summary>
    public TimeSpan? LatencyObjective { get; }

    /// <summary>The bounds that move; null without an objective.</summary>
    public LatencyControl? Latency { get; }

    /// <summary>Whether every request's time of coming is needed.</summary>
    public bool NeedsTimes => DelayTicks > 0 || Latency is not null;

    /// <summary>Largest batch at present.</summary>
    public int RowsMaxNow => Latency?.BatchRowsMax ?? RowsMax;

    /// <summary>Priority levels; 0 is the first to be served.</summary>
    public int Levels => _queueRowsMax.Length;

    /// <summary>How long a row waits for company, in ticks of the clock.</summary>
    public long DelayTicks { get; }

    /// <summary>Batches that it takes so that full queues of all levels have a place beside the batches that run.</summary>
    public int Batches
    {
        get
        {
            var count = _instances;
            foreach (var rows in _queueRowsMax)
            {
                count += ((rows + RowsMax - 1) / RowsMax) + 1;
            }

            return count;
        }
    }

    /// <summary>Most rows of a level that may wait.</summary>
    public int QueueRowsMax(int level) => _queueRowsMax[level];

    /// <summary>The size that the next batch is filled to.</summary>
    /// <param name="rows">Rows on their way, waiting and running.</param>
    public int Share(int rows)
    {
        var rowsMax = RowsMaxNow;

        // Even shares: without this, one instance takes all that waits and the others get the crumbs. Who waits for company wants one batch, not shares.
        var share = DelayTicks > 0 ? rowsMax : Math.Clamp((rows + _instances - 1) / _instances, 1, rowsMax);
        for (var i = _preferred.Length - 1; i >= 0; i--)
        {
            if (_preferred[i] <= share)
            {
                return _preferred[i];
            }
        }

        return share;
    }

    /// <summary>Whether a batch is large enough not to wait for more.</summary>
    public bool IsLargeEnough(int rows) => rows >= (_preferred.Length > 0 ? Math.Min(_preferred[0], RowsMaxNow) : RowsMaxNow);

    private static int AllRows(BatchingOptions options)
    {
        var rows = 0;
        for (var level = 0; level < options.LevelCount; level++)
        {
            rows += options.QueueRowsMaxOf(level);
        }

        return rows;
    }
}
