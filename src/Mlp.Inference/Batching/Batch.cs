using System.Diagnostics;

namespace Mlp.Inference;

/// <summary>One batch's memory and the requests whose rows are in it. All members are used under the queue's lock until the batch is taken.</summary>
internal sealed class Batch(ModelMemory memory)
{
    private readonly BatchSlot[] _slots = new BatchSlot[memory.RowsMax];
    private int _slotCount;
    private int _removed;

    public ModelMemory Memory => memory;

    /// <summary>Rows that are taken, including those whose requests are gone.</summary>
    public int Rows { get; private set; }

    /// <summary>Rows that somebody waits for.</summary>
    public int LiveRows { get; private set; }

    /// <summary>Requests whose rows are being written.</summary>
    public int Writers { get; set; }

    /// <summary>Whether it waits in the queue; false while it runs or is free.</summary>
    public bool IsWaiting { get; set; }

    public bool HasDeadlines { get; private set; }

    /// <summary>Priority level of its rows.</summary>
    public int Level { get; set; }

    /// <summary>When its oldest row came; 0 where the clock is not asked.</summary>
    public long OldestAt
    {
        get
        {
            foreach (var slot in Slots)
            {
                if (slot.Request is { } request)
                {
                    return request.EnqueuedAt;
                }
            }

            return 0;
        }
    }

    public bool IsReady => Writers == 0 && LiveRows > 0;

    public int RowsFree => memory.RowsMax - Rows;

    public ReadOnlySpan<BatchSlot> Slots => _slots.AsSpan(0, _slotCount);

    /// <summary>Gives a request the next rows.</summary>
    public void Add(PredictionRequest request, int rows)
    {
        Debug.Assert(rows > 0 && rows <= RowsFree);
        request.Batch = this;
        request.Row = Rows;
        request.Rows = rows;
        request.Index = _slotCount;
        _slots[_slotCount++] = new BatchSlot(request, request.Stamp);
        Rows += rows;
        LiveRows += rows;
        HasDeadlines |= request.HasDeadline;
    }

    /// <summary>Takes a request's rows back.</summary>
    public void Remove(PredictionRequest request)
    {
        Debug.Assert(_slots[request.Index].Request == request);
        LiveRows -= request.Rows;
        if (request.Index == _slotCount - 1)
        {
            _slots[--_slotCount] = default;
            Rows = request.Row;
            return;
        }

        _slots[request.Index] = default;
        _removed++;
    }

    /// <summary>Closes the gaps that removed requests left. Nobody may be writing.</summary>
    public void Compact()
    {
        Debug.Assert(Writers == 0);
        if (_removed == 0)
        {
            return;
        }

        var (count, row) = (0, 0);
        for (var i = 0; i < _slotCount; i++)
        {
            if (_slots[i].Request is not { } request)
            {
                continue;
            }

            if (request.Row != row)
            {
                memory.MoveRows(request.Row, row, request.Rows);
                request.Row = row;
            }

            request.Index = count;
            _slots[count++] = _slots[i];
            row += request.Rows;
        }

        Array.Clear(_slots, count, _slotCount - count);
        (_slotCount, Rows, _removed) = (count, row, 0);
        Debug.Assert(Rows == LiveRows);
    }

    public void Clear()
    {
        Array.Clear(_slots, 0, _slotCount);
        memory.Forget();
        (_slotCount, Rows, LiveRows, _removed, IsWaiting, HasDeadlines) = (0, 0, 0, 0, false, false);
    }
}

/// <summary>A request in a batch and the use of it that is meant.</summary>
internal readonly record struct BatchSlot(PredictionRequest? Request, int Stamp);
