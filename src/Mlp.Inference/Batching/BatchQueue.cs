using System.Diagnostics;

namespace Mlp.Inference;

/// <summary>The batches that wait, oldest first, and those that are free. Every member is used under the batcher's lock.</summary>
internal sealed class BatchQueue
{
    private readonly Batch[] _free;
    private readonly Batch[] _waiting;
    private readonly int _batchRowsMax;
    private readonly int _queueRowsMax;
    private readonly int _instances;
    private int _freeCount;
    private int _waitingCount;
    private int _runningRows;

    public BatchQueue(Batch[] batches, int batchRowsMax, int queueRowsMax, int instances)
    {
        _free = batches;
        _freeCount = batches.Length;
        _waiting = new Batch[batches.Length];
        _batchRowsMax = batchRowsMax;
        _queueRowsMax = queueRowsMax;
        _instances = instances;
    }

    /// <summary>How many batches it takes so that a queue of the full length always has a place beside the batches that run.</summary>
    public static int BatchesFor(int batchRowsMax, int queueRowsMax, int instances) =>
        instances + ((queueRowsMax + batchRowsMax - 1) / batchRowsMax) + 1;

    public int WaitingRows { get; private set; }

    public ReadOnlySpan<Batch> Waiting => _waiting.AsSpan(0, _waitingCount);

    /// <summary>Gives a request a place.</summary>
    /// <param name="request">The request.</param>
    /// <param name="rows">Rows that it would like.</param>
    /// <returns>Rows that it got; 0 where the queue is full.</returns>
    public int Place(PredictionRequest request, int rows)
    {
        rows = Math.Min(rows, _queueRowsMax - WaitingRows);
        if (rows <= 0)
        {
            return 0;
        }

        // Even shares: what is on its way, divided by the instances. Without this, one instance takes all that waits and the others get the crumbs.
        var share = Math.Clamp((WaitingRows + _runningRows + rows + _instances - 1) / _instances, 1, _batchRowsMax);
        var batch = FindRoom(share);
        if (batch is null)
        {
            return 0;
        }

        rows = Math.Min(rows, batch.Rows < share ? share - batch.Rows : batch.RowsFree);
        batch.Add(request, rows);
        WaitingRows += rows;
        return rows;
    }

    /// <summary>Takes a request's rows back and frees its batch if it was the last.</summary>
    public void Remove(PredictionRequest request)
    {
        var batch = request.Batch!;
        Debug.Assert(batch.IsWaiting);
        WaitingRows -= request.Rows;
        batch.Remove(request);
        if (batch is { LiveRows: 0, Writers: 0 })
        {
            RemoveWaiting(Array.IndexOf(_waiting, batch, 0, _waitingCount));
            Release(batch);
        }
    }

    /// <summary>Whether somebody who waits has a deadline.</summary>
    public bool HasDeadlines
    {
        get
        {
            foreach (var batch in Waiting)
            {
                if (batch.HasDeadlines)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Ends the waiting requests that are late; those being written are left for the next time.</summary>
    public void EndWaiting(long now, Func<PredictionRequest, Exception> error)
    {
        for (var b = _waitingCount - 1; b >= 0; b--)
        {
            var batch = _waiting[b];
            for (var i = batch.Slots.Length - 1; i >= 0 && batch.Writers == 0 && batch.IsWaiting; i--)
            {
                var slot = batch.Slots[i];
                if (slot.Request is { } request && request.IsLate(now) && request.TryEnd(slot.Stamp))
                {
                    Remove(request);
                    request.SetError(error(request));
                    request.FinishElsewhere();
                }
            }
        }
    }

    /// <summary>Whether more batches could run than the number that is given.</summary>
    public bool HasMoreReadyThan(int count)
    {
        foreach (var batch in Waiting)
        {
            if (batch.IsReady && --count < 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The oldest batch that can run, taken out of the queue; null where there is none.</summary>
    public Batch? TakeReady()
    {
        for (var i = 0; i < _waitingCount; i++)
        {
            var batch = _waiting[i];
            if (!batch.IsReady)
            {
                continue;
            }

            RemoveWaiting(i);
            batch.Compact();
            batch.IsWaiting = false;
            WaitingRows -= batch.Rows;
            _runningRows += batch.Rows;
            return batch;
        }

        return null;
    }

    /// <summary>A free batch for a caller who runs it on the spot; null where others wait.</summary>
    public Batch? TakeFree() => _waitingCount == 0 && _freeCount > 0 ? _free[--_freeCount] : null;

    /// <summary>Gives a batch back after its run.</summary>
    public void ReleaseRun(Batch batch)
    {
        _runningRows -= batch.Rows;
        Release(batch);
    }

    private void Release(Batch batch)
    {
        batch.Clear();
        _free[_freeCount++] = batch;
    }

    private Batch? FindRoom(int share)
    {
        // The oldest first: filling only the newest would leave a trail of small batches behind, for the share grows as rows come.
        foreach (var batch in Waiting)
        {
            if (batch.Rows < share)
            {
                return batch;
            }
        }

        if (_freeCount > 0)
        {
            var batch = _free[--_freeCount];
            batch.IsWaiting = true;
            return _waiting[_waitingCount++] = batch;
        }

        foreach (var batch in Waiting)
        {
            if (batch.RowsFree == 0 && batch.Writers == 0)
            {
                batch.Compact();
            }

            if (batch.RowsFree > 0)
            {
                return batch;
            }
        }

        return null;
    }

    private void RemoveWaiting(int index)
    {
        _waitingCount--;
        Array.Copy(_waiting, index + 1, _waiting, index, _waitingCount - index);
        _waiting[_waitingCount] = null!;
    }
}
