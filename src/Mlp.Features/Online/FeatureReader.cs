using FASTER.core;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// Reads rows of a feature service from an online store, straight into the caller's memory: no allocation, one epoch for a whole
/// call. Not safe for several threads at once; each takes its own, or rents one from a <see cref="FeatureReaderPool"/>.
/// </summary>
public sealed unsafe partial class FeatureReader : IDisposable
{
    private readonly FeatureService _service;
    private readonly Step[] _steps;
    private readonly StoreEvents _events;
    private readonly ClientSession<StoreKey, SpanByte, StoreInput, StoreOutcome, Empty, StoreFunctions> _session;
    private readonly UnsafeContext<StoreKey, SpanByte, StoreInput, StoreOutcome, Empty, StoreFunctions> _context;
    private readonly StoreEngine _engine;
    private readonly StoreLife _life;
    private readonly Action<FeatureReader> _closed;
    private readonly RecordPrefetch? _prefetch;
    private readonly Step[] _stored;
    private readonly int _recordBytes;
    private readonly long[] _hashes = new long[ReadAhead.Ring];
    private volatile bool _busy;
    private bool _disposed;
    private bool _together;

    internal FeatureReader(FeatureService service, Step[] steps, StoreEngine engine, StoreLife life, Action<FeatureReader> closed)
    {
        _service = service;
        _steps = steps;
        _events = new StoreEvents();
        _session = engine.NewSession(_events);
        _context = _session.UnsafeContext;
        _engine = engine;
        _life = life;
        _closed = closed;
        _prefetch = engine.Prefetch;
        _stored = [.. steps.Where(s => s.Plan is not null)];
        _recordBytes = _stored.Select(s => RecordLengths.FirstBytesOf(s.Plan!)).DefaultIfEmpty().Max();
    }

    /// <summary>Whether a read is under way.</summary>
    internal bool IsBusy => _busy;

    /// <summary>One view of the service, ready to be read.</summary>
    internal readonly record struct Step(ViewPlan? Plan, OnDemandView? OnDemand, int Entity, int Offset, int Width, float[] Missing);

    /// <summary>Reads one row.</summary>
    /// <param name="keys">A key for each of the service's <see cref="FeatureService.Entities"/>, in their order.</param>
    /// <param name="time">The request's time, UTC.</param>
    /// <param name="row"><see cref="FeatureService.RowLength"/> floats; overwritten.</param>
    public FeatureReadStatus Read(ReadOnlySpan<EntityKey> keys, DateTime time, Span<float> row)
    {
        Check(keys.Length, row.Length, 1);
        Enter();
        try
        {
            if (_stored.Length > 1 && _prefetch is not null)
            {
                Ahead(keys).Advance();
            }

            return ReadRow(keys, time, row);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Reads many rows in one epoch.</summary>
    /// <param name="keys">The keys of the first row, then those of the second, and so on.</param>
    /// <param name="time">The requests' time, UTC.</param>
    /// <param name="rows">Row-major; overwritten.</param>
    /// <returns>The worst of the rows.</returns>
    public FeatureReadStatus ReadMany(ReadOnlySpan<EntityKey> keys, DateTime time, Span<float> rows)
    {
        var count = RowsOf(keys.Length, rows.Length);
        Check(keys.Length, rows.Length, count);
        var entities = _service.Entities.Length;
        var worst = FeatureReadStatus.Complete;
        Enter();
        try
        {
            var ahead = _prefetch is null ? default : Ahead(keys);
            for (var r = 0; r < count; r++)
            {
                ahead.Advance();
                var status = ReadRow(keys.Slice(r * entities, entities), time, rows.Slice(r * _service.RowLength, _service.RowLength));
                worst = status > worst ? status : worst;
            }
        }
        finally
        {
            Leave();
        }

        return worst;
    }

    /// <summary>Ends the reader's session with the store.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _closed(this);
        }
    }

    internal void EndSession() => _session.Dispose();

    private ReadAhead Ahead(ReadOnlySpan<EntityKey> keys) => new(_prefetch!, _stored, keys, _service.Entities.Length, _recordBytes, _hashes);

    // The store says that it is over, then waits for whoever is busy, and only then frees its memory.
    private void Enter()
    {
        if (_together)
        {
            return;
        }

        if (_unfinished)
        {
            EnterAfterCancelled();
        }

        _busy = true;
        if (_disposed || _life.IsOver)
        {
            _busy = false;
            ObjectDisposedException.ThrowIf(_disposed, this);
            _life.Require();
        }

        _context.BeginUnsafe();
    }

    private void Leave()
    {
        if (!_together)
        {
            _context.EndUnsafe();
            _busy = false;
        }
    }

    private FeatureReadStatus ReadRow(ReadOnlySpan<EntityKey> keys, DateTime time, Span<float> row)
    {
        var micros = FeatureTime.Micros(time);
        var worst = FeatureReadStatus.Complete;
        fixed (float* start = row)
        {
            foreach (ref readonly var step in _steps.AsSpan())
            {
                var features = row.Slice(step.Offset, step.Width);
                if (step.Plan is null)
                {
                    step.OnDemand!.Compute(time, features);
                    continue;
                }

                var key = new StoreKey { Entity = keys[step.Entity], View = step.Plan.Id };
                var input = new StoreInput { Plan = step.Plan, Micros = micros, Row = start + step.Offset };
                var outcome = ReadRecord(ref key, ref input);
                if (outcome != StoreOutcome.Read)
                {
                    var now = StatusOf(outcome);
                    Fill(step, now, features);
                    worst = now > worst ? now : worst;
                }
            }
        }

        return worst;
    }

    private StoreOutcome ReadRecord(ref StoreKey key, ref StoreInput input)
    {
        while (true)
        {
            var begin = _engine.BeginAddress;
            var outcome = StoreOutcome.Missing;
            var status = _context.Read(ref key, ref input, ref outcome);
            if (status.IsPending)
            {
                outcome = ReadFromDisk();
            }
            else if (!status.Found)
            {
                outcome = StoreOutcome.Missing;
            }

            // A record that was moved while this read was on its way to its old place is not missing.
            if (outcome != StoreOutcome.Missing || begin == _engine.BeginAddress)
            {
                return outcome;
            }
        }
    }

    // The row stays fixed by the caller's frame while the read is under way.
    private StoreOutcome ReadFromDisk()
    {
        _context.EndUnsafe();
        try
        {
            _session.CompletePending(wait: true);
        }
        finally
        {
            _context.BeginUnsafe();
        }

        return _events.Completed;
    }

    private void Check(int keys, int floats, int rows)
    {
        if (keys != rows * _service.Entities.Length || floats != rows * _service.RowLength)
        {
            throw new MlpException(ErrorCodes.TensorMismatch,
                $"{keys} keys and {floats} floats were given for {rows} rows of '{_service.Name}'; expected {_service.Entities.Length} keys ({string.Join(", ", _service.Entities.ToArray().Select(e => e.Name))}) and {_service.RowLength} floats a row.");
        }
    }
}
