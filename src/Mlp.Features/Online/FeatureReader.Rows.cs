using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Features;

/// <content>Reads rows of one view: as structs, bytes or values.</content>
public sealed unsafe partial class FeatureReader
{
    private byte[] _rowBytes = [];

    /// <summary>
    /// Holds one epoch for all reads until it is disposed, of several views too. Dispose it soon, and on the same thread: a checkpoint waits for it.
    /// </summary>
    /// <exception cref="InvalidOperationException">One is held already.</exception>
    public Together ReadTogether()
    {
        if (_together)
        {
            throw new InvalidOperationException("Reads of this reader are together already.");
        }

        Enter();
        _together = true;
        return new Together(this);
    }

    /// <summary>Reads the fixed part of a row into a struct of the layout of the view's <see cref="FeatureView.Schema"/>. Allocates nothing.</summary>
    /// <typeparam name="TRow">The struct; <see cref="RowSchema.FixedBytes"/> large.</typeparam>
    /// <param name="view">A view of the service.</param>
    /// <param name="key">The entity.</param>
    /// <param name="time">The request's time, UTC.</param>
    /// <param name="row">The row. Where nothing is known, nullable values are missing, numbers with a fraction NaN and all others 0.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.RowInvalid"/>: the struct has another size; <see cref="FeatureErrors.SchemaMismatch"/>: the service does not have the view.</exception>
    public FeatureReadStatus ReadRow<TRow>(EntityView view, EntityKey key, DateTime time, out TRow row)
        where TRow : unmanaged
    {
        row = default;
        return ReadRows(view, MemoryMarshal.CreateReadOnlySpan(ref key, 1), time, MemoryMarshal.CreateSpan(ref row, 1));
    }

    /// <summary>Reads the fixed parts of many entities' rows into structs, in one epoch; see <see cref="ReadRow"/>.</summary>
    /// <typeparam name="TRow">The struct; <see cref="RowSchema.FixedBytes"/> large.</typeparam>
    /// <param name="view">A view of the service.</param>
    /// <param name="keys">The entities.</param>
    /// <param name="time">The request's time, UTC.</param>
    /// <param name="rows">As many rows.</param>
    /// <param name="statuses">How each read went; empty where it is not of interest.</param>
    /// <returns>The worst of them.</returns>
    public FeatureReadStatus ReadRows<TRow>(EntityView view, ReadOnlySpan<EntityKey> keys, DateTime time, Span<TRow> rows, Span<FeatureReadStatus> statuses = default)
        where TRow : unmanaged
    {
        ref readonly var step = ref StepOf(view);
        if (Unsafe.SizeOf<TRow>() != view.Schema.FixedBytes)
        {
            throw InvalidRow.Of($"A {typeof(TRow).Name} has {Unsafe.SizeOf<TRow>()} bytes; a row of '{view.Name}' has {view.Schema.FixedBytes}: {view.Schema.Canonical}.");
        }

        if (rows.Length != keys.Length || (statuses.Length != 0 && statuses.Length != keys.Length))
        {
            throw InvalidRow.Of($"{rows.Length} rows and {statuses.Length} statuses were given for {keys.Length} keys.");
        }

        var worst = FeatureReadStatus.Complete;
        var bytes = MemoryMarshal.AsBytes(rows);
        Enter();
        try
        {
            for (var i = 0; i < keys.Length; i++)
            {
                var status = ReadFixedPart(step, keys[i], time, bytes.Slice(i * Unsafe.SizeOf<TRow>(), Unsafe.SizeOf<TRow>()));
                worst = status > worst ? status : worst;
                if (statuses.Length > 0)
                {
                    statuses[i] = status;
                }
            }
        }
        finally
        {
            Leave();
        }

        return worst;
    }

    /// <summary>Reads a whole row, with its texts and lists.</summary>
    /// <param name="view">A view of the service.</param>
    /// <param name="key">The entity.</param>
    /// <param name="time">The request's time, UTC.</param>
    /// <param name="destination">Gets the row, if it is large enough.</param>
    /// <param name="bytes">Bytes of the row, whether it fits or not; 0 where nothing is known.</param>
    public FeatureReadStatus ReadBytes(EntityView view, EntityKey key, DateTime time, Span<byte> destination, out int bytes)
    {
        var status = ReadWhole(StepOf(view), key, time, out bytes);
        if (bytes <= destination.Length)
        {
            _rowBytes.AsSpan(0, bytes).CopyTo(destination);
        }

        return status;
    }

    /// <summary>Reads a whole row, with its texts and lists.</summary>
    /// <param name="view">A view of the service.</param>
    /// <param name="key">The entity.</param>
    /// <param name="time">The request's time, UTC.</param>
    /// <param name="destination">Gets the row; nothing where nothing is known.</param>
    public FeatureReadStatus ReadBytes(EntityView view, EntityKey key, DateTime time, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var status = ReadWhole(StepOf(view), key, time, out var bytes);
        destination.Write(_rowBytes.AsSpan(0, bytes));
        return status;
    }

    /// <summary>Reads a row as a value for each feature; for tools, as texts, vectors and lists are allocated.</summary>
    /// <param name="view">A view of the service.</param>
    /// <param name="key">The entity.</param>
    /// <param name="time">The request's time, UTC.</param>
    /// <param name="values">One for each of the view's features; all missing where nothing is known.</param>
    public FeatureReadStatus ReadValues(EntityView view, EntityKey key, DateTime time, Span<FeatureValue> values)
    {
        ref readonly var step = ref StepOf(view);
        if (values.Length != view.Features.Length)
        {
            throw InvalidRow.Of($"{values.Length} values were given for a row of '{view.Name}'; expected {view.Features.Length}.");
        }

        var status = ReadWhole(step, key, time, out var bytes);
        values.Clear();
        if (bytes > 0)
        {
            RowCodec.Decode(view.Schema, _rowBytes.AsSpan(0, bytes), values);
        }

        return status;
    }

    private FeatureReadStatus ReadFixedPart(in Step step, EntityKey entity, DateTime time, Span<byte> row)
    {
        var plan = step.Plan!;
        StoreOutcome outcome;
        fixed (byte* start = row)
        {
            var key = new StoreKey { Entity = entity, View = plan.Id };
            var input = new StoreInput { Plan = plan, Micros = FeatureTime.Micros(time), Row = (float*)start, Into = ReadInto.FixedPart };
            outcome = ReadRecord(ref key, ref input);
        }

        if (outcome != StoreOutcome.Read)
        {
            FillMissing(step, outcome, row);
        }
        else if (plan.View.Schema.IsFloats)
        {
            row[(plan.Width * sizeof(float))..].Clear();
        }

        return StatusOf(outcome);
    }

    private static void FillMissing(in Step step, StoreOutcome outcome, Span<byte> row)
    {
        if (step.Plan!.Window is null)
        {
            step.Plan.Latest.MissingRow.CopyTo(row);
            return;
        }

        row.Clear();
        var floats = MemoryMarshal.Cast<byte, float>(row)[..step.Width];
        step.Missing.CopyTo(floats);
        if (outcome == StoreOutcome.TooOld)
        {
            floats.Fill(float.NaN);
        }
    }

    // Into this reader's own bytes.
    private FeatureReadStatus ReadWhole(in Step step, EntityKey entity, DateTime time, out int bytes)
    {
        var plan = step.Plan!;
        bytes = 0;
        Enter();
        try
        {
            if (plan.Window is not null)
            {
                EnsureRowBytes(plan.View.Schema.FixedBytes);
                var status = ReadFixedPart(step, entity, time, _rowBytes.AsSpan(0, plan.View.Schema.FixedBytes));
                bytes = status == FeatureReadStatus.Complete ? plan.View.Schema.FixedBytes : 0;
                return status;
            }

            var outcome = StoreOutcome.NoRoom;
            while (true)
            {
                var key = new StoreKey { Entity = entity, View = plan.Id };
                var input = new StoreInput { Plan = plan, Micros = FeatureTime.Micros(time), Into = ReadInto.Record };
                outcome = ReadRecord(ref key, ref input);
                if (outcome != StoreOutcome.NoRoom)
                {
                    break;
                }

                _events.Copies.Grow(0);
            }

            if (outcome == StoreOutcome.Read)
            {
                var record = _events.Copies.Of(0);
                bytes = RowStorage.RowBytes(plan.Latest, record);
                EnsureRowBytes(bytes);
                RowStorage.Restore(plan.Latest, record, _rowBytes.AsSpan(0, bytes));
            }

            return StatusOf(outcome);
        }
        finally
        {
            Leave();
        }
    }

    private void EnsureRowBytes(int bytes)
    {
        if (_rowBytes.Length < bytes)
        {
            _rowBytes = new byte[bytes];
        }
    }

    private static FeatureReadStatus StatusOf(StoreOutcome outcome) => outcome switch
    {
        StoreOutcome.Read => FeatureReadStatus.Complete,
        StoreOutcome.TooOld => FeatureReadStatus.TooOld,
        _ => FeatureReadStatus.SomeMissing,
    };

    private ref readonly Step StepOf(EntityView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        for (var i = 0; i < _stored.Length; i++)
        {
            if (ReferenceEquals(_stored[i].Plan!.View, view))
            {
                return ref _stored[i];
            }
        }

        for (var i = 0; i < _stored.Length; i++)
        {
            if (_stored[i].Plan!.View.Canonical == view.Canonical)
            {
                return ref _stored[i];
            }
        }

        throw new MlpException(FeatureErrors.SchemaMismatch, $"The service '{_service.Name}' does not have the view '{view.Name}' as it is defined here; it has {string.Join(", ", _service.Views.ToArray().Select(v => v.Name))}.");
    }

    /// <summary>As long as it lives, all reads of a reader share one epoch.</summary>
    public readonly ref struct Together
    {
        private readonly FeatureReader? _reader;

        internal Together(FeatureReader reader) => _reader = reader;

        /// <summary>Ends it.</summary>
        public void Dispose()
        {
            if (_reader is { _together: true })
            {
                _reader._together = false;
                _reader.Leave();
            }
        }
    }
}
