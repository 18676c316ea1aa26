using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Features;

/// <content>Rows of latest views go in as structs, bytes, values or floats, and out by deletion.</content>
public sealed partial class OnlineStore
{
    // A row on its way from an event into the log; whoever pushes is alone with them.
    private readonly ArrayBufferWriter<byte> _pushedRow = new();
    private FeatureValue[] _pushed = [];

    /// <summary>Puts a row that is a struct: the layout of the view's <see cref="FeatureView.Schema"/>, which has no texts and no lists.</summary>
    /// <typeparam name="TRow">The struct; <see cref="RowSchema.FixedBytes"/> large.</typeparam>
    /// <param name="view">The view.</param>
    /// <param name="key">The entity.</param>
    /// <param name="knownAt">When the row became known, UTC.</param>
    /// <param name="row">The row.</param>
    /// <param name="createdAt">When it was created, for a view whose source has a <see cref="EventSource.CreatedColumn"/>; null for <paramref name="knownAt"/>.</param>
    /// <param name="rule">When it counts.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.RowInvalid"/>: the struct has another size, or a value that its column cannot have; <see cref="ErrorCodes.LimitReached"/> and <see cref="FeatureErrors.StoreFaulted"/> as with <see cref="Push(EventSource, DateTime, ReadOnlySpan{FeatureValue})"/>.</exception>
    public void PutRow<TRow>(LatestView view, EntityKey key, DateTime knownAt, in TRow row, DateTime? createdAt = null, PutRule rule = PutRule.IfNewer)
        where TRow : unmanaged =>
        PutBytes(view, key, knownAt, MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in row, 1)), createdAt, rule);

    /// <summary>Puts a row that is bytes: the fixed part, then texts and lists as <see cref="RowCodec"/> writes them.</summary>
    /// <param name="view">The view.</param>
    /// <param name="key">The entity.</param>
    /// <param name="knownAt">When the row became known, UTC.</param>
    /// <param name="row">The row.</param>
    /// <param name="createdAt">When it was created, for a view whose source has a <see cref="EventSource.CreatedColumn"/>; null for <paramref name="knownAt"/>.</param>
    /// <param name="rule">When it counts.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.RowInvalid"/>: these are no bytes of such a row; <see cref="FeatureErrors.RowTooLarge"/>: it has more than <see cref="OnlineStoreOptions.RowBytesMax"/>; others as with <see cref="Push(EventSource, DateTime, ReadOnlySpan{FeatureValue})"/>.</exception>
    public void PutBytes(LatestView view, EntityKey key, DateTime knownAt, ReadOnlySpan<byte> row, DateTime? createdAt = null, PutRule rule = PutRule.IfNewer)
    {
        var plan = Plan(view);
        RowCheck.Require(view.Schema, row);
        PutChecked(plan, key, FeatureTime.Micros(knownAt), FeatureTime.Micros(createdAt ?? knownAt), row, rule);
    }

    /// <summary>Puts a row that is a value for each feature.</summary>
    /// <param name="view">The view.</param>
    /// <param name="key">The entity.</param>
    /// <param name="knownAt">When the row became known, UTC.</param>
    /// <param name="values">A value for each of the view's features, in order.</param>
    /// <param name="createdAt">When it was created, for a view whose source has a <see cref="EventSource.CreatedColumn"/>; null for <paramref name="knownAt"/>.</param>
    /// <param name="rule">When it counts.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.RowInvalid"/>: a value does not fit its column; <see cref="FeatureErrors.RowTooLarge"/>: the row has more bytes than <see cref="OnlineStoreOptions.RowBytesMax"/>; others as with <see cref="Push(EventSource, DateTime, ReadOnlySpan{FeatureValue})"/>.</exception>
    public void PutValues(LatestView view, EntityKey key, DateTime knownAt, ReadOnlySpan<FeatureValue> values, DateTime? createdAt = null, PutRule rule = PutRule.IfNewer)
    {
        var plan = Plan(view);
        var row = new ArrayBufferWriter<byte>(view.Schema.FixedBytes);
        RowCodec.Encode(view.Schema, values, row);
        PutChecked(plan, key, FeatureTime.Micros(knownAt), FeatureTime.Micros(createdAt ?? knownAt), row.WrittenSpan, rule);
    }

    /// <summary>
    /// Deletes an entity's row of a view as of a time: rows of that time and earlier ones count no more, also if they come later, from a stream or from a
    /// materialisation; a later row brings the entity back. Remembered for <see cref="OnlineStoreOptions.DeletionsKept"/>. The offline store is left as it is.
    /// What was stored of the row leaves the disk when the log has been compacted behind it: see <see cref="CompactAsync"/>.
    /// </summary>
    /// <param name="view">The view.</param>
    /// <param name="key">The entity.</param>
    /// <param name="at">The last moment that is deleted, UTC.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.LimitReached"/> and <see cref="FeatureErrors.StoreFaulted"/>, as with <see cref="Push(EventSource, DateTime, ReadOnlySpan{FeatureValue})"/>.</exception>
    public void Delete(LatestView view, EntityKey key, DateTime at)
    {
        var plan = Plan(view);
        lock (_writing)
        {
            RequireWritable();
            var micros = FeatureTime.Micros(at);
            try
            {
                _engine.Rows.Delete(plan, key, micros);
            }
            catch (Exception e)
            {
                FaultIfHalf(e, 0);
                throw;
            }

            _writes++;
            if (_journal is { } journal)
            {
                JournalEntries.Deletion(_entry, plan.Id, key, micros);
                journal.Append(_entry);
            }
        }
    }

    /// <summary>Puts a row of history, inside of <see cref="Load"/>.</summary>
    /// <param name="plan">A latest view.</param>
    /// <param name="key">The entity.</param>
    /// <param name="micros">When it became known.</param>
    /// <param name="created">When it was created; <see cref="long.MinValue"/> where that is missing, anything where the source does not say.</param>
    /// <param name="row">The row's bytes.</param>
    internal void LoadRow(ViewPlan plan, EntityKey key, long micros, long created, ReadOnlySpan<byte> row)
    {
        RequireRoom();
        if (micros < FeatureTime.MicrosMin || micros > FeatureTime.MicrosMax)
        {
            throw new MlpException(FeatureErrors.EventInvalid, $"An event of '{plan.View.Source.Name}' has {micros} microseconds for '{plan.View.Source.TimeColumn}', which is no moment of the years 1 to 9999.");
        }

        _engine.Rows.Put(plan, key, micros, created, row);
    }

    private void PushRow(ViewPlan plan, EntityKey key, long micros, ReadOnlySpan<FeatureValue> values)
    {
        var features = _pushed.Length >= plan.ValueColumns.Length ? _pushed : _pushed = new FeatureValue[plan.ValueColumns.Length];
        for (var i = 0; i < plan.ValueColumns.Length; i++)
        {
            features[i] = values[plan.ValueColumns[i]];
        }

        _pushedRow.ResetWrittenCount();
        plan.Latest.Encode(features.AsSpan(0, plan.ValueColumns.Length), _pushedRow);
        var created = !plan.Latest.HasCreated ? micros : values[plan.Latest.CreatedColumn] is { IsMissing: false } moment ? moment.Integer : long.MinValue;
        _engine.Rows.Put(plan, key, micros, created, _pushedRow.WrittenSpan);
    }

    private void PutChecked(ViewPlan plan, EntityKey key, long micros, long created, ReadOnlySpan<byte> row, PutRule rule)
    {
        if (rule == PutRule.Always && _journal is not null)
        {
            // Its order among others counts, and has to be the same in the journal.
            using (_writers.BeAlone())
            {
                PutInTurn(plan, key, micros, created, row, always: true);
            }

            return;
        }

        lock (_writing)
        {
            PutInTurn(plan, key, micros, created, row, rule == PutRule.Always);
        }
    }

    private void PutInTurn(ViewPlan plan, EntityKey key, long micros, long created, ReadOnlySpan<byte> row, bool always)
    {
        RequireWritable();
        try
        {
            _engine.Rows.Put(plan, key, micros, created, row, always);
        }
        catch (Exception e)
        {
            FaultIfHalf(e, 0);
            throw;
        }

        _writes++;
        if (_journal is { } journal)
        {
            _entry.Clear();
            JournalEntries.Row(_entry, plan.Id, key, micros, created, always, row);
            journal.Append(_entry);
        }

        _newestMicros = Math.Max(_newestMicros, micros);
    }

    [SkipLocalsInit]
    private void PutFloats(ViewPlan plan, EntityKey key, DateTime knownAt, ReadOnlySpan<float> floats)
    {
        var micros = FeatureTime.Micros(knownAt);
        if (plan.View.Schema.IsFloats)
        {
            PutChecked(plan, key, micros, micros, MemoryMarshal.AsBytes(floats), PutRule.IfNewer);
            return;
        }

        var bytes = plan.View.Schema.FixedBytes;
        Span<byte> row = bytes <= 1024 ? stackalloc byte[bytes] : new byte[bytes];
        FloatRow.Write(plan.View.Schema, floats, row);
        PutChecked(plan, key, micros, micros, row, PutRule.IfNewer);
    }
}
