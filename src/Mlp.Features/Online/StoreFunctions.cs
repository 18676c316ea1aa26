using FASTER.core;

namespace Mlp.Features;

/// <summary>
/// FASTER's callbacks: how a record is read and changed where it lies. A struct, because the engine is generic over it: the
/// compiler then makes a copy of the engine in which they are called directly, or not called at all but inlined.
/// </summary>
internal unsafe partial struct StoreFunctions(StoreEvents events) : IFunctions<StoreKey, SpanByte, StoreInput, StoreOutcome, Empty>
{
    private readonly StoreEvents _events = events;

    public readonly bool SingleReader(ref StoreKey key, ref StoreInput input, ref SpanByte value, ref StoreOutcome dst, ref ReadInfo readInfo)
    {
        dst = input.MoveBefore == 0 ? Read(ref input, ref value, readInfo.Address)
            : readInfo.Address < input.MoveBefore && !_events.Expiry.IsOver(key.View, ref value) ? StoreOutcome.Read : StoreOutcome.Missing;
        return true;
    }

    public readonly bool ConcurrentReader(ref StoreKey key, ref StoreInput input, ref SpanByte value, ref StoreOutcome dst, ref ReadInfo readInfo)
    {
        // Where records still change in place, nothing has to be moved.
        dst = input.MoveBefore == 0 ? Read(ref input, ref value, readInfo.Address) : StoreOutcome.Missing;
        return true;
    }

    public readonly void ReadCompletionCallback(ref StoreKey key, ref StoreInput input, ref StoreOutcome output, Empty ctx, Status status, RecordMetadata recordMetadata)
    {
        _events.Completed = status.Found ? output : StoreOutcome.Missing;
        _events.Copies.Complete(input.Slot, _events.Completed);
        if (input.MoveBefore > 0 && _events.Completed == StoreOutcome.Read)
        {
            _events.ToMove.Add(key);
        }
    }

    public readonly bool NeedInitialUpdate(ref StoreKey key, ref StoreInput input, ref StoreOutcome output, ref RMWInfo rmwInfo) => input.MoveBefore == 0;

    public readonly bool InitialUpdater(ref StoreKey key, ref StoreInput input, ref SpanByte value, ref StoreOutcome output, ref RMWInfo rmwInfo)
    {
        if (input.Plan.Windowed)
        {
            var log = input.Log(ref value);
            log.Clear();
            log.TryAdd(input.Tile, new ReadOnlySpan<long>(input.Sums, input.Plan.Accumulators.Length), input.Plan, out _);
        }
        else
        {
            LatestRecord.Make(ref input, ref value);
        }

        return true;
    }

    public readonly bool InPlaceUpdater(ref StoreKey key, ref StoreInput input, ref SpanByte value, ref StoreOutcome output, ref RMWInfo rmwInfo) =>
        input.MoveBefore > 0 || Update(ref input, ref value);

    public readonly bool NeedCopyUpdate(ref StoreKey key, ref StoreInput input, ref SpanByte oldValue, ref StoreOutcome output, ref RMWInfo rmwInfo) =>
        input.MoveBefore > 0 || input.Plan.Windowed || LatestRecord.WouldChange(ref input, ref oldValue);

    public readonly bool CopyUpdater(ref StoreKey key, ref StoreInput input, ref SpanByte oldValue, ref SpanByte newValue, ref StoreOutcome output, ref RMWInfo rmwInfo)
    {
        if (input.MoveBefore > 0)
        {
            oldValue.AsReadOnlySpan()[..newValue.Length].CopyTo(newValue.AsSpan());
            return true;
        }

        if (!input.Plan.Windowed)
        {
            LatestRecord.Replace(ref input, ref oldValue, ref newValue);
            return true;
        }

        input.Log(ref oldValue).CopyTo(input.Log(ref newValue));
        return Update(ref input, ref newValue);
    }

    private readonly bool Update(ref StoreInput input, ref SpanByte value)
    {
        if (input.Plan.Windowed)
        {
            var sums = new ReadOnlySpan<long>(input.Sums, input.Plan.Accumulators.Length);
            var addition = input.Log(ref value).TryAdd(input.Tile, sums, input.Plan, out var accumulator);
            if (addition == TileAddition.TooLate)
            {
                _events.TooLate++;
            }
            else if (addition == TileAddition.Overflow)
            {
                // An exception from in here would leave the engine with the record held.
                _events.Overflowing = accumulator;
            }

            return addition != TileAddition.NoRoom;
        }

        return LatestRecord.TryUpdate(ref input, ref value);
    }

    private readonly StoreOutcome Read(ref StoreInput input, ref SpanByte value, long address)
    {
        if (input.Plan.Windowed)
        {
            return input.Log(ref value).Read(input.Plan, input.Micros, input.Values) ? StoreOutcome.Read : StoreOutcome.TooOld;
        }

        return LatestRecord.Read(ref input, ref value, _events, address);
    }
}

/// <summary>What happens in a session beside its results. One object a session.</summary>
internal sealed class StoreEvents
{
    /// <summary>Tiles that came too late and were not counted.</summary>
    public long TooLate { get; set; }

    /// <summary>The accumulator that was left as it was, because its sum would not have fitted; −1 where all did.</summary>
    public int Overflowing { get; set; } = -1;

    /// <summary>Of the writer's session: what compaction found live.</summary>
    public List<StoreKey> ToMove { get; } = [];

    /// <summary>The result of the last read that had to go to the disk.</summary>
    public StoreOutcome Completed { get; set; }

    /// <summary>What reads have copied out.</summary>
    public RecordCopies Copies { get; } = new();

    /// <summary>Of the writer's session: which records compaction leaves behind.</summary>
    public RecordExpiry Expiry { get; set; } = RecordExpiry.None;
}
