using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mlp.Features;

/// <content>Many reads under way at once: what is asked for, and what has come.</content>
public sealed unsafe partial class FeatureReader
{
    private const StoreOutcome OnItsWay = (StoreOutcome)(-1);

    // Floats of the rows that are under way: the reader's own, as a cancelled caller's memory may be gone when the disk answers.
    private float[] _floats = [];
    private StoreOutcome[] _outcomes = [];
    private int _asked;
    private bool _waiting;
    private bool _unfinished;

    /// <summary>Asks for all records of some rows.</summary>
    /// <returns>Whether some are on their way from the disk.</returns>
    private bool AskForAll(ReadOnlySpan<EntityKey> keys, long micros, int count)
    {
        var reads = count * _stored.Length;
        if (_floats.Length < count * _service.RowLength)
        {
            _floats = GC.AllocateUninitializedArray<float>(count * _service.RowLength, pinned: true);
        }

        if (_outcomes.Length < reads)
        {
            _outcomes = new StoreOutcome[reads];
        }

        _events.Copies.Reserve(reads);
        var waits = false;
        for (var read = 0; read < reads; read++)
        {
            waits |= Ask(keys, micros, read);
        }

        _asked = reads;
        return waits;
    }

    // As the asynchronous reads do it, but with the caller's thread.
    private FeatureReadStatus ReadRest(ReadOnlySpan<EntityKey> keys, DateTime time, ReadOnlySpan<float> requests, Span<float> rows, int count)
    {
        var micros = FeatureTime.Micros(time);
        var begin = _engine.BeginAddress;
        _unfinished = true;
        for (var waits = AskForAll(keys, micros, count); waits; waits = AskAgain(keys, micros, ref begin))
        {
            DiskWaits++;
            _context.EndUnsafe();
            try
            {
                _session.CompletePending(wait: true);
            }
            finally
            {
                _context.BeginUnsafe();
            }
        }

        _unfinished = false;
        return Take(time, requests, rows, count);
    }

    private bool Ask(ReadOnlySpan<EntityKey> keys, long micros, int read)
    {
        var (row, step) = (read / _stored.Length, _stored[read % _stored.Length]);
        var floats = (float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_floats)) + (row * _service.RowLength) + step.Offset;
        while (true)
        {
            var begin = _engine.BeginAddress;
            var key = new StoreKey { Entity = keys[(row * _service.Entities.Length) + step.Entity], View = step.Plan!.Id };
            var input = new StoreInput { Plan = step.Plan, Micros = micros, Row = floats, Slot = read };
            var outcome = StoreOutcome.Missing;
            var status = _context.Read(ref key, ref input, ref outcome);
            _outcomes[read] = status.IsPending ? OnItsWay : status.Found ? outcome : StoreOutcome.Missing;
            if (_outcomes[read] != StoreOutcome.Missing || begin == _engine.BeginAddress)
            {
                return status.IsPending;
            }
        }
    }

    /// <summary>Within an epoch: takes what has come, and asks again for records that may have been moved while they were read at their old place.</summary>
    /// <returns>Whether some are on their way again.</returns>
    private bool AskAgain(ReadOnlySpan<EntityKey> keys, long micros, ref long begin)
    {
        var now = _engine.BeginAddress;
        var moved = now != begin;
        begin = now;
        var waits = false;
        for (var read = 0; read < _asked; read++)
        {
            if (_outcomes[read] == OnItsWay)
            {
                _outcomes[read] = _events.Copies.OutcomeOf(read);
                waits |= moved && _outcomes[read] == StoreOutcome.Missing && Ask(keys, micros, read);
            }
        }

        return waits;
    }

    /// <summary>Gives the rows to the caller.</summary>
    private FeatureReadStatus Take(DateTime time, ReadOnlySpan<float> requests, Span<float> rows, int count)
    {
        var worst = FeatureReadStatus.Complete;
        var requested = _service.RequestColumns.Length;
        _floats.AsSpan(0, count * _service.RowLength).CopyTo(rows);
        for (var (row, read) = (0, 0); row < count; row++)
        {
            foreach (ref readonly var step in _steps.AsSpan())
            {
                var whole = rows.Slice(row * _service.RowLength, _service.RowLength);
                if (step.Plan is null)
                {
                    step.OnDemand!.Run(time, whole, requests.Slice(row * requested, requested));
                    continue;
                }

                var status = StatusOf(_outcomes[read++]);
                if (status != FeatureReadStatus.Complete)
                {
                    Fill(step, status, whole.Slice(step.Offset, step.Width));
                    worst = status > worst ? status : worst;
                }
            }
        }

        return worst;
    }

    // What a cancelled read has left is waited for: its answers are no one's any more, but they come into this reader's memory.
    private void EnterAfterCancelled()
    {
        if (_waiting)
        {
            throw new InvalidOperationException("Another read of this reader is under way; each caller takes a reader of its own.");
        }

        _busy = true;
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _life.Require();
            _session.CompletePending(wait: true);
            _unfinished = false;
        }
        finally
        {
            _busy = false;
        }
    }

    // A time before everything that is known of an entity that is known: nothing may be made up.
    private static void Fill(in Step step, FeatureReadStatus status, Span<float> features)
    {
        step.Missing.CopyTo(features);
        if (status == FeatureReadStatus.TooOld)
        {
            features.Fill(float.NaN);
        }
    }

    private int RowsOf(int keys, int floats) =>
        _service.RowLength > 0 ? floats / _service.RowLength : _service.Entities.Length > 0 ? keys / _service.Entities.Length : 0;
}
