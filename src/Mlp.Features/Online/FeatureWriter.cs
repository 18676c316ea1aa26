using System.Runtime.InteropServices;
using FASTER.core;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// Puts rows of latest views into an online store, beside other writers, readers and checkpoints: each writer has a session of its own with the
/// engine and waits for none of the others. Not safe for several threads at once; each thread takes its own.
/// </summary>
public sealed unsafe partial class FeatureWriter : IDisposable
{
    // Rows of one call between which a checkpoint may come, and the engine move its pages on.
    private const int RowsTogether = 64;

    private readonly StoreEvents _events = new();
    private readonly ClientSession<StoreKey, SpanByte, StoreInput, StoreOutcome, Empty, StoreFunctions> _session;
    private readonly UnsafeContext<StoreKey, SpanByte, StoreInput, StoreOutcome, Empty, StoreFunctions> _context;
    private readonly RowWriter _rows;
    private readonly StoreLife _life;
    private readonly OpenWriters _writers;
    private readonly Func<EntityView, ViewPlan> _planOf;
    private readonly Action _requireRoom;
    private readonly Journal? _journal;
    private readonly JournalBuffer _entry = new();
    private readonly RecordPrefetch? _prefetch;
    private readonly FeatureReader.Step[] _steps = new FeatureReader.Step[1];
    private readonly long[] _hashes = new long[ReadAhead.Ring];
    private int _recordBytes;
    private LatestView? _view;
    private ViewPlan? _plan;
    private long _newestMicros = long.MinValue;
    private long _writes;
    private volatile bool _busy;
    private bool _disposed;

    internal FeatureWriter(StoreEngine engine, StoreLife life, OpenWriters writers, Func<EntityView, ViewPlan> planOf, Action requireRoom, Journal? journal, OnlineStoreOptions options)
    {
        _session = engine.NewSession(_events);
        _context = _session.UnsafeContext;
        _rows = new RowWriter(_session, _events, options);
        _life = life;
        _writers = writers;
        _planOf = planOf;
        _requireRoom = requireRoom;
        _journal = journal;
        _prefetch = engine.Prefetch;
    }

    /// <summary>Whether a write is under way.</summary>
    internal bool IsBusy => _busy;

    /// <summary>The newest time of a row that was put, in microseconds.</summary>
    internal long NewestMicros => Volatile.Read(ref _newestMicros);

    /// <summary>How often it has written.</summary>
    internal long Writes => Volatile.Read(ref _writes);

    /// <summary>Puts a row, unless a newer one is there; as <see cref="OnlineStore.Put"/> does.</summary>
    /// <param name="view">The view.</param>
    /// <param name="key">The entity.</param>
    /// <param name="knownAt">When the row became known, UTC.</param>
    /// <param name="row">One float a feature.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the row has another length; <see cref="ErrorCodes.LimitReached"/>: the log is full; <see cref="FeatureErrors.StoreFaulted"/>: an earlier change failed half-way.</exception>
    public void Put(LatestView view, EntityKey key, DateTime knownAt, ReadOnlySpan<float> row) =>
        PutMany(view, MemoryMarshal.CreateReadOnlySpan(ref key, 1), MemoryMarshal.CreateReadOnlySpan(ref knownAt, 1), row);

    /// <summary>Puts many rows, each unless a newer one is there. A checkpoint beside it may come between two of them; none is half in it.</summary>
    /// <param name="view">The view.</param>
    /// <param name="keys">The entities; one may come more than once.</param>
    /// <param name="knownAt">When each row became known, UTC.</param>
    /// <param name="rows">Row-major.</param>
    /// <exception cref="MlpException">As of <see cref="Put"/>. Where the log becomes full on the way, the rows before are in the store; putting them again changes nothing.</exception>
    public void PutMany(LatestView view, ReadOnlySpan<EntityKey> keys, ReadOnlySpan<DateTime> knownAt, ReadOnlySpan<float> rows)
    {
        var plan = ReferenceEquals(view, _view) ? _plan! : PlanOf(view);
        var width = plan.Width;
        if (knownAt.Length != keys.Length || rows.Length != (long)keys.Length * width)
        {
            RefuseLengths(plan, keys.Length, knownAt.Length, rows.Length);
        }

        fixed (float* start = rows)
        {
            var together = _journal is null ? RowsTogether : RowsOfAnEntry(plan, _journal);
            for (var first = 0; first < keys.Length; first += together)
            {
                var count = Math.Min(together, keys.Length - first);
                PutTogether(plan, keys.Slice(first, count), knownAt.Slice(first, count), start + ((long)first * width));
            }
        }
    }

    /// <summary>Ends the writer's session with the store.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _writers.Close(this);
        }
    }

    internal void EndSession() => _session.Dispose();

    private void PutTogether(ViewPlan plan, ReadOnlySpan<EntityKey> keys, ReadOnlySpan<DateTime> knownAt, float* row)
    {
        Enter();
        try
        {
            _requireRoom();
            _context.BeginUnsafe();
            try
            {
                var ahead = _prefetch is null || keys.Length == 1 ? default : new ReadAhead(_prefetch, _steps, keys, 1, _recordBytes, _hashes);
                for (var i = 0; i < keys.Length; i++, row += plan.Width)
                {
                    ahead.Advance();
                    PutRow(plan, keys[i], FeatureTime.Micros(knownAt[i]), row);
                }
            }
            catch (Exception e) when (e is not MlpException { Code: FeatureErrors.RowInvalid })
            {
                _life.Fault(e);
                throw;
            }
            finally
            {
                _context.EndUnsafe();

                // Of rows before one that was refused as well: they are in the store.
                NoteRows();
            }
        }
        finally
        {
            _busy = false;
        }
    }

    private void NoteRows()
    {
        Volatile.Write(ref _writes, _writes + 1);
        if (_journal is not null && !_entry.IsEmpty)
        {
            _journal.Append(_entry);
            _entry.Clear();
        }
    }

    private static int RowsOfAnEntry(ViewPlan plan, Journal journal) =>
        Math.Clamp((journal.Layout.EntryBytesMax - JournalEntries.RowBytes) / (JournalEntries.RowBytes + plan.View.Schema.FixedBytes), 1, RowsTogether);

    private void PutRow(ViewPlan plan, EntityKey entity, long micros, float* row)
    {
        if (!plan.View.Schema.IsFloats)
        {
            PutConverted(plan, entity, micros, new ReadOnlySpan<float>(row, plan.Width));
            return;
        }

        var key = new StoreKey { Entity = entity, View = plan.Id };
        var put = new LatestPut { Word = LatestPlan.WordOf(micros, 0), Created = micros, Stored = (byte*)row, StoredBytes = plan.Latest.FixedBytes, RowBytes = plan.Latest.FixedBytes };
        var input = new StoreInput { Plan = plan, Micros = micros, Put = &put };
        if (_context.RMW(ref key, ref input).IsPending)
        {
            // The record is on disk.
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

        if (_journal is not null)
        {
            JournalEntries.Row(_entry, plan.Id, entity, micros, micros, always: false, new ReadOnlySpan<byte>(row, plan.Latest.FixedBytes));
        }

        Advance(micros);
    }

    private void PutConverted(ViewPlan plan, EntityKey entity, long micros, ReadOnlySpan<float> floats)
    {
        var bytes = plan.View.Schema.FixedBytes;
        Span<byte> row = bytes <= 1024 ? stackalloc byte[bytes] : new byte[bytes];
        FloatRow.Write(plan.View.Schema, floats, row);
        _context.EndUnsafe();
        try
        {
            _rows.Put(plan, entity, micros, micros, row);
        }
        finally
        {
            _context.BeginUnsafe();
        }

        if (_journal is not null)
        {
            JournalEntries.Row(_entry, plan.Id, entity, micros, micros, always: false, row);
        }

        Advance(micros);
    }

    private void Advance(long micros)
    {
        if (micros > _newestMicros)
        {
            Volatile.Write(ref _newestMicros, micros);
        }
    }

    private void Enter()
    {
        _busy = true;
        if (_disposed || _life.IsOver || _writers.AreStopped)
        {
            _busy = false;
            EnterInTurn();
        }
    }

    private void EnterInTurn()
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _life.Require();
            var own = _writers.WaitForTurn();
            _busy = true;
            if (!_life.IsOver && (own || !_writers.AreStopped))
            {
                return;
            }

            _busy = false;
        }
    }

    private ViewPlan PlanOf(LatestView view)
    {
        _plan = _planOf(view);
        _view = view;
        _steps[0] = new FeatureReader.Step(_plan, null, 0, 0, _plan.Width, []);
        _recordBytes = RecordLengths.FirstBytesOf(_plan);
        return _plan;
    }

    private static void RefuseLengths(ViewPlan plan, int keys, int times, int floats) => throw new MlpException(
        ErrorCodes.TensorMismatch, $"{keys} keys, {times} times and {floats} floats for rows of '{plan.View.Name}'; expected as many times as keys, and {plan.Width} floats for each.");
}
