using System.Runtime.CompilerServices;
using FASTER.core;

namespace Mlp.Features;

/// <summary>What an operation on a record brings along. Pointers are to memory that the caller holds still until the operation has ended.</summary>
internal unsafe struct StoreInput
{
    public ViewPlan Plan;

    /// <summary>Of a read: the request's time. Of a latest row: its time. In microseconds.</summary>
    public long Micros;

    /// <summary>Of a read: where the features go. Of a latest row: its values.</summary>
    public float* Row;

    /// <summary>Of tile sums: the tile.</summary>
    public long Tile;

    /// <summary>Of tile sums: what is added.</summary>
    public long* Sums;

    /// <summary>Of a move: a record before this address is copied to the log's end as it is; 0 of all else.</summary>
    public long MoveBefore;

    public readonly TileLog Log(ref SpanByte value) => new((long*)value.ToPointer(), value.Length, Plan.Accumulators.Length);

    public readonly Span<float> Values => new(Row, Plan.Width);

    /// <summary>Bytes of a new record.</summary>
    public readonly int FirstLengthBytes => Plan.Windowed ? TileLog.FirstLengthBytes(Plan.Accumulators.Length) : RecordLengths.LatestBytes(Plan.Width);
}

/// <summary>What a read found.</summary>
internal enum StoreOutcome
{
    Missing,
    Read,
    TooOld,
}

/// <summary>Lengths of records, as the log needs them before they are written.</summary>
internal sealed class RecordLengths : IVariableLengthStruct<SpanByte, StoreInput>
{
    private const int FirstBytesMax = 512;

    public int GetInitialLength(ref StoreInput input) => sizeof(int) + input.FirstLengthBytes;

    public int GetLength(ref SpanByte value, ref StoreInput input) =>
        sizeof(int) + (input.MoveBefore > 0 ? value.Length : input.Plan.Windowed ? input.Log(ref value).GrownLengthBytes(input.Plan) : input.FirstLengthBytes);

    /// <summary>Bytes that a view's largest record takes in the log, with its header, key and length.</summary>
    public static long LargestOf(ViewPlan plan)
    {
        var value = plan.Windowed ? TileLog.LengthBytes(TileLog.CapacityMax(plan.RetentionTiles), plan.Accumulators.Length) : LatestBytes(plan.Width);
        return (sizeof(long) + Unsafe.SizeOf<StoreKey>() + sizeof(int) + value + 7) & ~7L;
    }

    /// <summary>Bytes of a view's records that reading one begins with, to be asked for in advance.</summary>
    public static int FirstBytesOf(ViewPlan plan) =>
        Math.Min(FirstBytesMax, sizeof(long) + Unsafe.SizeOf<StoreKey>() + sizeof(int) + (plan.Windowed ? TileLog.FirstLengthBytes(plan.Accumulators.Length) : LatestBytes(plan.Width)));

    public static int LatestBytes(int width) => sizeof(long) + (width * sizeof(float));
}

/// <summary>Lengths of keys: they are all alike.</summary>
internal sealed class KeyLengths : IVariableLengthStruct<StoreKey>
{
    public int GetLength(ref StoreKey key) => Unsafe.SizeOf<StoreKey>();

    public int GetInitialLength() => Unsafe.SizeOf<StoreKey>();

    public unsafe void Serialize(ref StoreKey source, void* destination) => *(StoreKey*)destination = source;

    public unsafe ref StoreKey AsRef(void* source) => ref Unsafe.AsRef<StoreKey>(source);

    public unsafe void Initialize(void* source, void* end)
    {
        // A key has no header to set up.
    }
}
