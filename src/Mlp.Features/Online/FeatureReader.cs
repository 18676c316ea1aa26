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

    /// <summary>How often a thread has waited for the disk.</summary>
    internal int DiskWaits { get; private set; }

    /// <summary>One view of the service, ready to be read.</summary>
    internal readonly record struct Step(ViewPlan? Plan, OnDemandPlan? OnDemand, int Entity, int Offset, int Width, float[] Missing);

    /// <summary>Reads one row.</summary>
    /// <param name="keys">A key for each of the service's <see cref="FeatureService.Entities"/>, in their order.</param>
    /// <param name="time">The request's time, UTC.</param>
    /// <param name="row"><see cref="FeatureService.RowLength"/> floats; overwritten.</param>
    public FeatureReadStatus Read(ReadOnlySpan<EntityKey> keys, DateTime time, Span<float> row) => Read(keys, time, [], row);

    /// <summary>Reads one row of a service whose on-demand views need numbers from the request.</summary>
    /// <param name="keys">A key for each of the service's <see cref="FeatureService.Entities"/>, in their order.</param>
    /// <param name="time">The request's time, UTC.</param>
    /// <param name="request">A number for each of the service's <see cref="FeatureService.RequestColumns"/>; NaN for a missing one.</param>
    /// <param name="row"><see cref="FeatureService.RowLength"/> floats; overwritten.</param>
    public FeatureReadStatus Read(ReadOnlySpan<EntityKey> keys, DateTime time, ReadOnlySpan<float> request, Span<float> row)
    {
        Check(keys.Length, request.Length, row.Length, 1);
        Enter();
        try
        {
            if (_prefetch is not null)
            {
                AskForRow(keys);
            }

            return ReadRow(keys, time, request, row);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Reads many rows in one epoch. What lies on disk is asked for together.</summary>
    /// <param name="keys">The keys of the first row, then those of the second, and so on.</param>
    /// <param name="time">The requests' time, UTC.</param>
    /// <param name="rows">Row-major; overwritten.</param>
    /// <returns>The worst of the rows.</returns>
    public FeatureReadStatus ReadMany(ReadOnlySpan<EntityKey> keys, DateTime time, Span<float> rows) => ReadMany(keys, time, [], rows);

    /// <summary>Reads many rows of a service whose on-demand views need numbers from the request, in one epoch.</summary>
    /// <param name="keys">The keys of the first row, then those of the second, and so on.</param>
    /// <param name="time">The requests' time, UTC.</param>
    /// <param name="requests">The numbers of the first row, then those of the second, and so on.</param>
    /// <param name="rows">Row-major; overwritten.</param>
    /// <returns>The worst of the rows.</returns>
    public FeatureReadStatus ReadMany(ReadOnlySpan<EntityKey> keys, DateTime time, ReadOnlySpan<float> requests, Span<float> rows)
    {
        var count = RowsOf(keys.Length, rows.Length);
        Check(keys.Length, requests.Length, rows.Length, count);
        var requested = _service.RequestColumns.Length;
        var entities = _service.Entities.Length;
        var worst = FeatureReadStatus.Complete;
        Enter();
        var waits = DiskWaits;
        try
        {
            var ahead = _prefetch is null ? default : Ahead(keys);
            for (var r = 0; r < count; r++)
            {
                ahead.Advance();
                var status = ReadRow(keys.Slice(r * entities, entities), time, requests.Slice(r * requested, requested), rows.Slice(r * _service.RowLength, _service.RowLength));
                worst = status > worst ? status : worst;
                if (DiskWaits != waits)
                {
                    // One lay on disk, so others may: they are asked for together.
                    r++;
                    var rest = ReadRest(keys[(r * entities)..], time, requests[(r * requested)..], rows[(r * _service.RowLength)..], count - r);
                    return rest > worst ? rest : worst;
                }
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

    // Of a single record, the lines behind its first: the engine comes to them only once it holds the record, whose first line it has to wait for.
    private void AskForRow(ReadOnlySpan<EntityKey> keys)
    {
        if (_stored.Length == 1)
        {
            var key = new StoreKey { Entity = keys[_stored[0].Entity], View = _stored[0].Plan!.Id };
            _prefetch!.Record(key.GetHashCode64(ref key), _recordBytes);
        }
        else
        {
            Ahead(keys).Advance();
        }
    }

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

    private FeatureReadStatus ReadRow(ReadOnlySpan<EntityKey> keys, DateTime time, ReadOnlySpan<float> request, Span<float> row)
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
                    step.OnDemand!.Run(time, row, request);
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

        return _events.Completed;
    }

    private void Check(int keys, int requested, int floats, int rows)
    {
        if (keys != rows * _service.Entities.Length || requested != rows * _service.RequestColumns.Length || floats != rows * _service.RowLength)
        {
            throw new MlpException(ErrorCodes.TensorMismatch,
                $"{keys} keys, {requested} numbers of the request and {floats} floats were given for {rows} rows of '{_service.Name}'; expected {_service.Entities.Length} keys ({string.Join(", ", _service.Entities.ToArray().Select(e => e.Name))}), {_service.RequestColumns.Length} numbers ({string.Join(", ", _service.RequestColumns.ToArray())}) and {_service.RowLength} floats a row.");
        }
    }
}
