using FASTER.core;

namespace Mlp.Features;

/// <summary>What an operation on a record brings along. Pointers are to memory that the caller holds still until the operation has ended.</summary>
internal unsafe struct StoreInput
{
    public ViewPlan Plan;

    /// <summary>Of a read: the request's time, in microseconds.</summary>
    public long Micros;

    /// <summary>Of a read: where the features or the row's fixed part go.</summary>
    public float* Row;

    /// <summary>Of a put: the row.</summary>
    public LatestPut* Put;

    /// <summary>Of a read of a latest view: what is copied.</summary>
    public ReadInto Into;

    /// <summary>Of a read: its number among those that are under way at once.</summary>
    public int Slot;

    /// <summary>Of tile sums: the tile.</summary>
    public long Tile;

    /// <summary>Of tile sums: what is added.</summary>
    public long* Sums;

    /// <summary>Of a move: a record before this address is copied to the log's end as it is; 0 of all else.</summary>
    public long MoveBefore;

    public readonly TileLog Log(ref SpanByte value) => new((long*)value.ToPointer(), value.Length, Plan.Accumulators.Length);

    public readonly Span<float> Values => new(Row, Plan.Width);

    /// <summary>Bytes of a new record.</summary>
    public readonly int FirstLengthBytes => Plan.Windowed ? TileLog.FirstLengthBytes(Plan.Accumulators.Length) : LatestRecord.LengthFor(Plan.Latest, *Put);
}

/// <summary>What a read found.</summary>
internal enum StoreOutcome
{
    Missing,
    Read,
    TooOld,

    /// <summary>What the record is copied to is too small; the session's events say what it takes.</summary>
    NoRoom,
}

/// <summary>Lengths of records, as the log needs them before they are written.</summary>
internal sealed class RecordLengths : IVariableLengthStruct<SpanByte, StoreInput>
{
    private const int FirstBytesMax = 512;

    public int GetInitialLength(ref StoreInput input) => sizeof(int) + input.FirstLengthBytes;

    public int GetLength(ref SpanByte value, ref StoreInput input) =>
        sizeof(int) + (input.MoveBefore > 0 ? MovedBytes(ref value, input.Plan) : input.Plan.Windowed ? input.Log(ref value).GrownLengthBytes(input.Plan) : input.FirstLengthBytes);

    // What a longer row has left behind a shorter one is not moved along.
    private static unsafe int MovedBytes(ref SpanByte value, ViewPlan plan) => plan.Windowed ? value.Length : LatestRecord.UsedBytes(plan.Latest, value.ToPointer());

    /// <summary>Bytes that a view's largest record takes in the log, with its header, key and length.</summary>
    /// <param name="plan">The view.</param>
    /// <param name="rowBytesMax">Most bytes of a row that has a tail.</param>
    public static long LargestOf(ViewPlan plan, int rowBytesMax)
    {
        var value = plan.Windowed ? TileLog.LengthBytes(TileLog.CapacityMax(plan.RetentionTiles), plan.Accumulators.Length)
            : plan.Latest.RowAt + (plan.Latest.Schema.HasTail ? Math.Max(rowBytesMax, plan.Latest.FixedBytes) : plan.Latest.FixedBytes);
        return (sizeof(long) + StoreKey.BytesMax + sizeof(int) + value + 7) & ~7L;
    }

    /// <summary>Bytes of a view's records that reading one begins with, to be asked for in advance.</summary>
    public static int FirstBytesOf(ViewPlan plan) =>
        Math.Min(FirstBytesMax, sizeof(long) + StoreKey.BytesMax + sizeof(int) + (plan.Windowed ? TileLog.FirstLengthBytes(plan.Accumulators.Length) : plan.Latest.RowAt + plan.Latest.FixedBytes));
}
