using System.Buffers.Binary;
using FASTER.core;

namespace Mlp.Features;

/// <content>What a scan of the store does through a reader.</content>
public sealed unsafe partial class FeatureReader
{
    // Records that are looked up at once, on disk if need be.
    private const int ScannedTogether = 64;

    /// <summary>Goes over the next records of a part of the log, and gives the rows that are alive at a time and newest in that part.</summary>
    /// <param name="records">Where the scan stands.</param>
    /// <param name="plan">The view.</param>
    /// <param name="micros">The time.</param>
    /// <param name="end">Where the part of the log ends.</param>
    /// <param name="rows">Gets them.</param>
    /// <returns>False at the end.</returns>
    internal bool ScanOn(IFasterScanIterator<StoreKey, SpanByte> records, ViewPlan plan, long micros, long end, List<ScannedRow> rows)
    {
        _busy = true;
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _life.Require();
            _events.Copies.Reserve(ScannedTogether);
            Span<StoreKey> keys = stackalloc StoreKey[ScannedTogether];
            Span<long> addresses = stackalloc long[ScannedTogether];
            var count = 0;
            var more = true;
            while (count < ScannedTogether && (more = records.GetNext(out _)))
            {
                keys[count] = records.GetKey();
                addresses[count] = records.CurrentAddress;
                count += keys[count].View == plan.Id ? 1 : 0;
            }

            Span<StoreOutcome> outcomes = stackalloc StoreOutcome[count];
            LookUp(plan, keys, outcomes, 0);
            for (var i = 0; i < count; i++)
            {
                while (outcomes[i] == StoreOutcome.NoRoom)
                {
                    _events.Copies.Grow(i);
                    LookUp(plan, keys[i..], outcomes.Slice(i, 1), i);
                }

                // An entity that was written since the scan began is given where its last record before that lies, and so once.
                var found = _events.Copies.AddressOf(i);
                if (outcomes[i] == StoreOutcome.Read && (found == addresses[i] || (found >= end && _engine.NewestBefore(end, keys[i]) == addresses[i]))
                    && RowOf(plan, keys[i].Entity, micros, _events.Copies.Of(i)) is { } row)
                {
                    rows.Add(row);
                }
            }

            return more;
        }
        finally
        {
            _busy = false;
        }
    }

    private void LookUp(ViewPlan plan, Span<StoreKey> keys, Span<StoreOutcome> outcomes, int firstSlot)
    {
        const StoreOutcome pending = (StoreOutcome)(-1);
        for (var i = 0; i < outcomes.Length; i++)
        {
            var input = new StoreInput { Plan = plan, Into = ReadInto.Anything, Slot = firstSlot + i };
            var outcome = StoreOutcome.Missing;
            var status = _session.Read(ref keys[i], ref input, ref outcome);
            outcomes[i] = status.IsPending ? pending : status.Found ? outcome : StoreOutcome.Missing;
        }

        _session.CompletePending(wait: true);
        for (var i = 0; i < outcomes.Length; i++)
        {
            outcomes[i] = outcomes[i] == pending ? _events.Copies.OutcomeOf(firstSlot + i) : outcomes[i];
        }
    }

    private static ScannedRow? RowOf(ViewPlan plan, EntityKey entity, long micros, ReadOnlySpan<byte> record)
    {
        var word = BinaryPrimitives.ReadInt64LittleEndian(record);
        var known = LatestPlan.MicrosOf(word);
        return (word & LatestPlan.Deleted) != 0 || known >= micros || micros - known > plan.TimeToLiveMicros
            ? null
            : new ScannedRow(plan.View.Schema, entity, FeatureTime.FromMicros(known), RowStorage.RowOf(plan.Latest, record));
    }
}
