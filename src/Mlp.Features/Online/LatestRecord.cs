using System.Diagnostics;
using System.Runtime.CompilerServices;
using FASTER.core;

namespace Mlp.Features;

/// <summary>A latest view's record where it lies; see <see cref="LatestPlan"/> for how. The time of a put decides whether it counts, never when it came.</summary>
internal static unsafe class LatestRecord
{
    /// <summary>What a put does to a record.</summary>
    private enum Change
    {
        None,
        Overwrite,

        /// <summary>The larger of each float.</summary>
        Merge,
    }

    /// <summary>Reads a record for a request.</summary>
    public static StoreOutcome Read(ref StoreInput input, ref SpanByte value, StoreEvents events, long address)
    {
        var plan = input.Plan.Latest;
        var record = value.ToPointer();
        if (input.Into == ReadInto.Anything)
        {
            events.Copies.Found(input.Slot, address);
            return events.Copies.Copy(input.Slot, record, UsedBytes(plan, record));
        }

        // Known strictly before the request, as a window's end is exclusive; and not older than its time to live.
        var word = *(long*)record;
        var known = LatestPlan.MicrosOf(word);
        if (known >= input.Micros)
        {
            return StoreOutcome.TooOld;
        }

        if ((word & LatestPlan.Deleted) != 0 || input.Micros - known > input.Plan.TimeToLiveMicros)
        {
            return StoreOutcome.Missing;
        }

        var row = new ReadOnlySpan<byte>(record + plan.RowAt, plan.FixedBytes);
        switch (input.Into)
        {
            case ReadInto.Record:
                return events.Copies.Copy(input.Slot, record, UsedBytes(plan, record));
            case ReadInto.Tensor when !plan.Schema.IsFloats:
                plan.Tensor.Write(row, input.Values);
                return StoreOutcome.Read;
            default:
                row.CopyTo(new Span<byte>(input.Row, plan.FixedBytes));
                return StoreOutcome.Read;
        }
    }

    /// <summary>Bytes of a record that a put makes.</summary>
    public static int LengthFor(LatestPlan plan, in LatestPut put) =>

        // Of floats one length serves all, so that the next row finds its place.
        plan.RowAt + (plan.Schema.IsFloats ? plan.FixedBytes : put.StoredBytes);

    /// <summary>Bytes of a record that are in use; what is behind them is room that a longer row has left.</summary>
    public static int UsedBytes(LatestPlan plan, byte* record) =>
        plan.RowAt + (plan.Schema.HasTail ? ((int*)(record + plan.LengthsAt))[1] : plan.Schema.IsFloats || (*(long*)record & LatestPlan.Deleted) == 0 ? plan.FixedBytes : 0);

    public static void Make(ref StoreInput input, ref SpanByte value) => Overwrite(input.Plan.Latest, *input.Put, ref value);

    /// <summary>Changes a record.</summary>
    /// <returns>False where it is too small.</returns>
    public static bool TryUpdate(ref StoreInput input, ref SpanByte value)
    {
        var plan = input.Plan.Latest;
        switch (ChangeOf(plan, ref *input.Put, value.ToPointer()))
        {
            case Change.Overwrite when value.Length < LengthFor(plan, *input.Put):
                return false;
            case Change.Overwrite:
                Overwrite(plan, *input.Put, ref value);
                return true;
            case Change.Merge:
                Merge(plan, *input.Put, value.ToPointer());
                return true;
            default:
                return true;
        }
    }

    /// <summary>Whether a record that lies where nothing changes any more would be another after a put.</summary>
    public static bool WouldChange(ref StoreInput input, ref SpanByte value) => ChangeOf(input.Plan.Latest, ref *input.Put, value.ToPointer()) != Change.None;

    /// <summary>Makes the record that takes another's place.</summary>
    public static void Replace(ref StoreInput input, ref SpanByte old, ref SpanByte value)
    {
        var plan = input.Plan.Latest;
        if (ChangeOf(plan, ref *input.Put, old.ToPointer()) == Change.Merge)
        {
            new ReadOnlySpan<byte>(old.ToPointer(), plan.RowAt + plan.FixedBytes).CopyTo(new Span<byte>(value.ToPointer(), value.Length));
            Merge(plan, *input.Put, value.ToPointer());
            return;
        }

        Overwrite(plan, *input.Put, ref value);
    }

    private static Change ChangeOf(LatestPlan plan, ref LatestPut put, byte* record)
    {
        put.MeetsAnother = false;
        var word = *(long*)record;
        var newer = LatestPlan.MicrosOf(put.Word).CompareTo(LatestPlan.MicrosOf(word));
        if (newer != 0 || put.Always)
        {
            return newer > 0 || put.Always ? Change.Overwrite : Change.None;
        }

        // At one time a deletion counts, whatever else came.
        var created = plan.HasCreated ? put.Created.CompareTo(*(long*)(record + sizeof(long))) : 0;
        if (((word | put.Word) & LatestPlan.Deleted) != 0 || created != 0)
        {
            return (word & LatestPlan.Deleted) == 0 && ((put.Word & LatestPlan.Deleted) != 0 || created > 0) ? Change.Overwrite : Change.None;
        }

        return plan.Schema.IsFloats ? Change.Merge : ChangeBeside(plan, ref put, record);
    }

    private static Change ChangeBeside(LatestPlan plan, ref LatestPut put, byte* record)
    {
        var used = UsedBytes(plan, record);
        if (put.Expected is not null && new ReadOnlySpan<byte>(record, used).SequenceEqual(new ReadOnlySpan<byte>(put.Expected, put.ExpectedBytes)))
        {
            return Change.Overwrite;
        }

        put.MeetsAnother = !new ReadOnlySpan<byte>(record + plan.RowAt, used - plan.RowAt).SequenceEqual(new ReadOnlySpan<byte>(put.Stored, put.StoredBytes));
        return Change.None;
    }

    private static void Overwrite(LatestPlan plan, in LatestPut put, ref SpanByte value)
    {
        var record = value.ToPointer();
        *(long*)record = put.Word;
        if (plan.HasCreated)
        {
            *(long*)(record + sizeof(long)) = put.Created;
        }

        if (plan.Schema.HasTail)
        {
            var lengths = (int*)(record + plan.LengthsAt);
            lengths[0] = put.RowBytes;
            lengths[1] = put.StoredBytes;
        }

        // What a longer row has left is of no one's any more.
        var row = new Span<byte>(record + plan.RowAt, value.Length - plan.RowAt);
        new ReadOnlySpan<byte>(put.Stored, put.StoredBytes).CopyTo(row);
        row[put.StoredBytes..].Clear();
    }

    private static void Merge(LatestPlan plan, in LatestPut put, byte* record)
    {
        Debug.Assert(plan.Schema.IsFloats, "all else is merged outside of the record");
        var row = (float*)(record + plan.RowAt);
        var other = (float*)put.Stored;
        for (var i = 0; i < plan.Schema.FloatCount; i++)
        {
            row[i] = float.MaxNumber(row[i], other[i]);
        }
    }
}
