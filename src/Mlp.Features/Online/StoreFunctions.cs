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
        dst = input.MoveBefore == 0 ? Read(ref input, ref value) : readInfo.Address < input.MoveBefore ? StoreOutcome.Read : StoreOutcome.Missing;
        return true;
    }

    public readonly bool ConcurrentReader(ref StoreKey key, ref StoreInput input, ref SpanByte value, ref StoreOutcome dst, ref ReadInfo readInfo)
    {
        // Where records still change in place, nothing has to be moved.
        dst = input.MoveBefore == 0 ? Read(ref input, ref value) : StoreOutcome.Missing;
        return true;
    }

    public readonly void ReadCompletionCallback(ref StoreKey key, ref StoreInput input, ref StoreOutcome output, Empty ctx, Status status, RecordMetadata recordMetadata)
    {
        _events.Completed = status.Found ? output : StoreOutcome.Missing;
        if (input.MoveBefore > 0 && _events.Completed == StoreOutcome.Read)
        {
            _events.ToMove.Add(key);
        }
    }

    public readonly bool NeedInitialUpdate(ref StoreKey key, ref StoreInput input, ref StoreOutcome output, ref RMWInfo rmwInfo) =>
        input.MoveBefore == 0 && (input.Plan.Window is not { } window || BeginsWindows(window, ref input));

    public readonly bool InitialUpdater(ref StoreKey key, ref StoreInput input, ref SpanByte value, ref StoreOutcome output, ref RMWInfo rmwInfo)
    {
        if (input.Plan.Window is { } window)
        {
            BeginWindows(window, ref input, (long*)value.ToPointer());
        }
        else
        {
            *(long*)value.ToPointer() = input.Micros;
            input.Values.CopyTo(new Span<float>(value.ToPointer() + sizeof(long), input.Plan.Width));
        }

        return true;
    }

    public readonly bool InPlaceUpdater(ref StoreKey key, ref StoreInput input, ref SpanByte value, ref StoreOutcome output, ref RMWInfo rmwInfo) =>
        input.MoveBefore > 0 || Update(ref input, ref value);

    public readonly bool CopyUpdater(ref StoreKey key, ref StoreInput input, ref SpanByte oldValue, ref SpanByte newValue, ref StoreOutcome output, ref RMWInfo rmwInfo)
    {
        if (input.MoveBefore > 0)
        {
            oldValue.AsReadOnlySpan().CopyTo(newValue.AsSpan());
            return true;
        }

        if (input.Plan.Window is { } window)
        {
            var layout = WindowLayout.Grown(window, (long*)oldValue.ToPointer());
            new WindowRecord((long*)oldValue.ToPointer(), window).CopyTo(new WindowRecord((long*)newValue.ToPointer(), window), layout);
        }
        else
        {
            // The lengths in the records' headers stay as the log has set them.
            new ReadOnlySpan<byte>(oldValue.ToPointer(), input.FirstLengthBytes).CopyTo(new Span<byte>(newValue.ToPointer(), input.FirstLengthBytes));
        }

        return Update(ref input, ref newValue);
    }

    private readonly bool Update(ref StoreInput input, ref SpanByte value)
    {
        if (input.Plan.Window is { } window)
        {
            return UpdateWindows(window, ref input, (long*)value.ToPointer());
        }

        var stored = (long*)value.ToPointer();
        var row = new Span<float>(stored + 1, input.Plan.Width);
        if (input.Micros > *stored)
        {
            *stored = input.Micros;
            input.Values.CopyTo(row);
        }
        else if (input.Micros == *stored)
        {
            // Of several at one time the largest counts, so that their order does not; a number beats NaN.
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = row[i] >= input.Row[i] || float.IsNaN(input.Row[i]) ? row[i] : input.Row[i];
            }
        }

        return true;
    }

    private static StoreOutcome Read(ref StoreInput input, ref SpanByte value)
    {
        if (input.Plan.Window is { } window)
        {
            return new WindowReading((long*)value.ToPointer(), window, input.Micros).Read(input.Values) ? StoreOutcome.Read : StoreOutcome.TooOld;
        }

        // Known strictly before the request, as a window's end is exclusive; and not older than its time to live.
        var known = *(long*)value.ToPointer();
        if (known >= input.Micros)
        {
            return StoreOutcome.TooOld;
        }

        if (input.Micros - known > input.Plan.TimeToLiveMicros)
        {
            return StoreOutcome.Missing;
        }

        new ReadOnlySpan<float>(value.ToPointer() + sizeof(long), input.Plan.Width).CopyTo(input.Values);
        return StoreOutcome.Read;
    }
}

/// <summary>What happens in a session beside its results. One object a session.</summary>
internal sealed class StoreEvents
{
    /// <summary>Events, retractions and tiles that came too late and were not counted.</summary>
    public long TooLate { get; set; }

    /// <summary>Why the last change was refused; <see cref="WindowOutcome.Changed"/> where it was not.</summary>
    public WindowOutcome Refusal { get; set; }

    /// <summary>Of an overflow: the sum that would not have fitted.</summary>
    public int Overflowing { get; set; } = -1;

    /// <summary>Of the writer's session: what compaction found live.</summary>
    public List<StoreKey> ToMove { get; } = [];

    /// <summary>The result of the read that had to go to the disk.</summary>
    public StoreOutcome Completed { get; set; }
}
