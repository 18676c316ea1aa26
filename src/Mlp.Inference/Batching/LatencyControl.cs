namespace Mlp.Inference;

/// <summary>
/// Keeps the 99th percentile of the time from a request to its answer under an objective, by two bounds that move: rows that may wait,
/// and rows of a batch. Each batch moves a bound down by a step where it was too slow, and up by a 99th of the step where it was not,
/// so that the bound comes to rest where one batch in a hundred is too slow. Used under the batcher's lock.
/// </summary>
internal sealed class LatencyControl(long objectiveTicks, int batchRowsMax, int queueRowsMax)
{
    private const double Down = 0.95;
    private const double Up = 1 + (0.05 / 99);

    // Until the first slow batch the bounds are not known, and are looked for in larger steps.
    private const double UpAtFirst = 1.05;

    private double _waiting = Math.Min(batchRowsMax, queueRowsMax);
    private double _batch = batchRowsMax;
    private int _preferredMax = int.MaxValue;
    private int[] _preferred = [];
    private bool _foundWaiting;
    private bool _wasNeeded;

    /// <summary>Rows that may wait at present.</summary>
    public int WaitingRowsMax => (int)_waiting;

    /// <summary>Rows that a batch may have at present.</summary>
    public int BatchRowsMax => (int)_batch;

    /// <summary>Takes the sizes that batches are filled to, ascending: the bound of a batch is never above the largest of them.</summary>
    public void Prefer(int[] sizes)
    {
        _preferred = sizes;
        _preferredMax = sizes.Length > 0 ? sizes[^1] : int.MaxValue;
        _batch = Math.Min(_batch, _preferredMax);
    }

    /// <summary>Takes note of the rows that wait after one was accepted or refused: a bound that nobody comes near tells nothing by being kept.</summary>
    public void Saw(int waitingRows) => _wasNeeded |= 2 * waitingRows >= (int)_waiting;

    /// <summary>Takes note of a batch.</summary>
    /// <param name="latencyTicks">From its oldest row's request to the answer.</param>
    /// <param name="executeTicks">What of that the model took.</param>
    /// <param name="rows">Its rows.</param>
    public void Observe(long latencyTicks, long executeTicks, int rows)
    {
        // A batch that takes half of the time leaves no room for one that runs before it. Only batches near the bound tell about it.
        if (2 * rows >= LargestFilled())
        {
            _batch = 2 * executeTicks > objectiveTicks ? Math.Max(1, _batch * Down) : Math.Min(Math.Min(batchRowsMax, _preferredMax), _batch * Up);
        }

        if (latencyTicks > objectiveTicks)
        {
            _foundWaiting = true;
            _waiting = Math.Max(1, _waiting * Down);
        }
        else if (_wasNeeded)
        {
            _waiting = Math.Min(queueRowsMax, _waiting * (_foundWaiting ? Up : UpAtFirst));
        }

        _wasNeeded = false;
    }

    // What the bound lets a batch be filled to: with sizes that are far from each other that may be much less than the bound.
    private int LargestFilled()
    {
        for (var i = _preferred.Length - 1; i >= 0; i--)
        {
            if (_preferred[i] <= (int)_batch)
            {
                return _preferred[i];
            }
        }

        return (int)_batch;
    }
}
