namespace Mlp.Inference;

/// <summary>What the options say about the size and the time of a batch, prepared for the questions that the queue asks for each row.</summary>
internal sealed class BatchRules
{
    private readonly int[] _preferred;
    private readonly int[] _queueRowsMax;
    private readonly int _instances;

    public BatchRules(BatchingOptions options, TimeProvider time)
    {
        RowsMax = options.BatchRowsMax;
        _instances = options.InstanceCount;
        _preferred = [.. options.PreferredBatchRows];
        Array.Sort(_preferred);
        DelayTicks = (long)(options.DelayMax.TotalSeconds * time.TimestampFrequency);
        _queueRowsMax = new int[options.LevelCount];
        for (var level = 0; level < _queueRowsMax.Length; level++)
        {
            _queueRowsMax[level] = options.QueueRowsMaxOf(level);
        }
    }

    /// <summary>Largest batch.</summary>
    public int RowsMax { get; }

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
    /// <param name="rowsMax">Largest batch at present.</param>
    public int Share(int rows, int rowsMax)
    {
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
    public bool IsLargeEnough(int rows, int rowsMax) => rows >= (_preferred.Length > 0 ? Math.Min(_preferred[0], rowsMax) : rowsMax);
}
