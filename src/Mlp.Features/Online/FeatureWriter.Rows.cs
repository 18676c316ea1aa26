using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Features;

/// <content>Rows that are structs or bytes.</content>
public sealed unsafe partial class FeatureWriter
{
    /// <summary>Puts a row that is a struct; as <see cref="OnlineStore.PutRow"/> does.</summary>
    /// <typeparam name="TRow">The struct; <see cref="RowSchema.FixedBytes"/> large.</typeparam>
    /// <param name="view">The view.</param>
    /// <param name="key">The entity.</param>
    /// <param name="knownAt">When the row became known, UTC.</param>
    /// <param name="row">The row.</param>
    /// <param name="createdAt">When it was created; null for <paramref name="knownAt"/>.</param>
    /// <param name="rule">When it counts.</param>
    public void PutRow<TRow>(LatestView view, EntityKey key, DateTime knownAt, in TRow row, DateTime? createdAt = null, PutRule rule = PutRule.IfNewer)
        where TRow : unmanaged =>
        PutBytes(view, key, knownAt, MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in row, 1)), createdAt, rule);

    /// <summary>Puts a row that is bytes; as <see cref="OnlineStore.PutBytes"/> does.</summary>
    /// <param name="view">The view.</param>
    /// <param name="key">The entity.</param>
    /// <param name="knownAt">When the row became known, UTC.</param>
    /// <param name="row">The fixed part, then texts and lists.</param>
    /// <param name="createdAt">When it was created; null for <paramref name="knownAt"/>.</param>
    /// <param name="rule">When it counts.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.RowInvalid"/> and <see cref="FeatureErrors.RowTooLarge"/>: nothing has changed; <see cref="ErrorCodes.LimitReached"/>: the log is full; <see cref="FeatureErrors.StoreFaulted"/>: an earlier change failed half-way.</exception>
    public void PutBytes(LatestView view, EntityKey key, DateTime knownAt, ReadOnlySpan<byte> row, DateTime? createdAt = null, PutRule rule = PutRule.IfNewer)
    {
        var plan = ReferenceEquals(view, _view) ? _plan! : PlanOf(view);
        RowCheck.Require(view.Schema, row);
        long micros = FeatureTime.Micros(knownAt), created = FeatureTime.Micros(createdAt ?? knownAt);
        if (rule == PutRule.Always && _journal is not null)
        {
            // Its order among others counts, and has to be the same in the journal.
            using (_writers.BeAlone())
            {
                PutOne(plan, key, micros, created, row, always: true);
            }

            return;
        }

        PutOne(plan, key, micros, created, row, rule == PutRule.Always);
    }

    private void PutOne(ViewPlan plan, EntityKey key, long micros, long created, ReadOnlySpan<byte> row, bool always)
    {
        Enter();
        try
        {
            _requireRoom();
            _rows.Put(plan, key, micros, created, row, always);
            if (_journal is not null)
            {
                JournalEntries.Row(_entry, plan.Id, key, micros, created, always, row);
            }

            NoteRows();
            Advance(micros);
        }
        catch (Exception e) when (e is not MlpException { Code: FeatureErrors.RowTooLarge or ErrorCodes.LimitReached or FeatureErrors.StoreFaulted or FeatureErrors.StoreUnavailable })
        {
            _life.Fault(e);
            throw;
        }
        finally
        {
            _busy = false;
        }
    }
}
