using System.Diagnostics;

namespace Mlp.Inference;

/// <summary>The batches that wait, oldest first, and those that are free. Every member is used under the batcher's lock.</summary>
internal sealed class BatchQueue
{
    private readonly Batch[] _free;
    private readonly Batch[] _waiting;
    private readonly int[] _levelRows;
    private readonly BatchRules _rules;
    private int _freeCount;
    private int _waitingCount;
    private int _runningRows;

    public BatchQueue(Batch[] batches, BatchRules rules)
    {
        _free = batches;
        _freeCount = batches.Length;
        _waiting = new Batch[batches.Length];
        _levelRows = new int[rules.Levels];
        _rules = rules;
    }

    public int WaitingRows { get; private set; }

    /// <summary>Whether batches no longer wait to grow.</summary>
    public bool IsClosing { get; set; }

    public ReadOnlySpan<Batch> Waiting => _waiting.AsSpan(0, _waitingCount);

    /// <summary>Gives a request a place.</summary>
    /// <param name="request">The request.</param>
    /// <param name="rows">Rows that it would like.</param>
    /// <param name="level">Its priority.</param>
    /// <returns>Rows that it got; 0 where the queue is full.</returns>
    public int Place(PredictionRequest request, int rows, int level)
    {
        rows = Math.Min(Math.Min(rows, _rules.QueueRowsMax(level) - _levelRows[level]), RoomForObjective(level));
        if (rows <= 0)
        {
            return 0;
        }

        var share = _rules.Share(_levelRows[level] + _runningRows + rows);
        var batch = FindRoom(share, level);
        if (batch is null)
        {
            return 0;
        }

        rows = Math.Min(rows, batch.Rows < share ? share - batch.Rows : batch.RowsFree);
        batch.Add(request, rows);
        WaitingRows += rows;
        _levelRows[level] += rows;
        return rows;
    }

    // Rows of later levels do not count: they wait for this one, not it for them.
    private int RoomForObjective(int level)
    {
        if (_rules.Latency is not { } latency)
        {
            return int.MaxValue;
        }

        var ahead = 0;
        for (var i = 0; i <= level; i++)
        {
            ahead += _levelRows[i];
        }

        latency.Saw(ahead + 1);
        return latency.WaitingRowsMax - ahead;
    }

    /// <summary>Takes a request's rows back and frees its batch if it was the last.</summary>
    public void Remove(PredictionRequest request)
    {
        var batch = request.Batch!;
        Debug.Assert(batch.IsWaiting);
        WaitingRows -= request.Rows;
        _levelRows[batch.Level] -= request.Rows;
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
    /// <param name="count">Batches that are spoken for.</param>
    /// <param name="now">The clock, where <see cref="BatchRules.DelayTicks"/> asks for it.</param>
    public bool HasMoreReadyThan(int count, long now)
    {
        foreach (var batch in Waiting)
        {
            if (IsDue(batch, now) && --count < 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>When the next batch is due that waits to grow; 0 where none does.</summary>
    public long NextDueAt(long now)
    {
        var next = 0L;
        foreach (var batch in Waiting)
        {
            if (batch.LiveRows > 0 && !IsDue(batch, now) && batch.OldestAt + _rules.DelayTicks is var at && at > now && (next == 0 || at < next))
            {
                next = at;
            }
        }

        return next;
    }

    /// <summary>The oldest batch of the first level that can run, taken out of the queue; null where there is none.</summary>
    public Batch? TakeReady(long now)
    {
        for (var i = 0; i < _waitingCount; i++)
        {
            var batch = _waiting[i];
            if (!IsDue(batch, now))
            {
                continue;
            }

            RemoveWaiting(i);
            batch.Compact();
            batch.IsWaiting = false;
            WaitingRows -= batch.Rows;
            _levelRows[batch.Level] -= batch.Rows;
            _runningRows += batch.Rows;
            return batch;
        }

        return null;
    }

    /// <summary>A free batch with one row, of a caller who runs it on the spot; null where others wait.</summary>
    public Batch? TakeFree(PredictionRequest request)
    {
        if (_waitingCount > 0 || _freeCount == 0)
        {
            return null;
        }

        var batch = _free[--_freeCount];
        batch.Add(request, 1);
        _runningRows++;
        return batch;
    }

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

    private bool IsDue(Batch batch, long now) => batch.IsReady
        && (_rules.DelayTicks == 0 || IsClosing || _rules.IsLargeEnough(batch.LiveRows) || now - batch.OldestAt >= _rules.DelayTicks);

    private Batch? FindRoom(int share, int level)
    {
        // The oldest first: filling only the newest would leave a trail of small batches behind, for the share grows as rows come.
        foreach (var batch in Waiting)
        {
            if (batch.Level == level && batch.Rows < share)
            {
                return batch;
            }
        }

        if (_freeCount > 0)
        {
            return Open(level);
        }

        foreach (var batch in Waiting)
        {
            if (batch.Level != level)
            {
                continue;
            }

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

    // Behind the other batches of its level, before those of later ones.
    private Batch Open(int level)
    {
        var batch = _free[--_freeCount];
        batch.IsWaiting = true;
        batch.Level = level;
        var at = _waitingCount;
        while (at > 0 && _waiting[at - 1].Level > level)
        {
            at--;
        }

        Array.Copy(_waiting, at, _waiting, at + 1, _waitingCount - at);
        _waitingCount++;
        return _waiting[at] = batch;
    }

    private void RemoveWaiting(int index)
    {
        _waitingCount--;
        Array.Copy(_waiting, index + 1, _waiting, index, _waitingCount - index);
        _waiting[_waitingCount] = null!;
    }
}
