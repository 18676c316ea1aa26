using System.Runtime.CompilerServices;
using FASTER.core;

namespace Mlp.Features;

/// <summary>What an operation on a record brings along. Pointers are to memory that the caller holds still until the operation has ended.</summary>
internal unsafe struct StoreInput
{
    public ViewPlan Plan;

    /// <summary>Of a read: the request's time. Of a latest row and of an event: its time. In microseconds.</summary>
    public long Micros;

    /// <summary>Of a read: where the features go. Of a latest row: its values.</summary>
    public float* Row;

    /// <summary>Of a windowed view's change: what it is.</summary>
    public WindowChange Change;

    /// <summary>Of an event: its columns. Of a tile: what it adds.</summary>
    public long* Words;

    /// <summary>Of a tile: its number. Of a retraction: when it became known.</summary>
    public long Other;

    /// <summary>Of a windowed view's change: whether only to say what would become of it.</summary>
    public bool DryRun;

    /// <summary>Of a move: a record before this address is copied to the log's end as it is; 0 of all else.</summary>
    public long MoveBefore;

    public readonly Span<float> Values => new(Row, Plan.Width);

    /// <summary>Bytes of a new record.</summary>
    public readonly int FirstLengthBytes => Plan.Window is { } window ? (int)WindowLayout.First(window).Bytes(window) : RecordLengths.LatestBytes(Plan.Width);
}

/// <summary>How a windowed view's record is changed.</summary>
internal enum WindowChange
{
    /// <summary>An event is added.</summary>
    Event,

    /// <summary>An event is retracted.</summary>
    Retraction,

    /// <summary>A whole tile is added.</summary>
    Tile,
}

/// <summary>What a read found.</summary>
internal enum StoreOutcome
{
    Missing,
    Read,
    TooOld,
}

/// <summary>Lengths of records, as the log needs them before they are written.</summary>
internal sealed unsafe class RecordLengths : IVariableLengthStruct<SpanByte, StoreInput>
{
    public int GetInitialLength(ref StoreInput input) => sizeof(int) + input.FirstLengthBytes;

    public int GetLength(ref SpanByte value, ref StoreInput input) =>
        sizeof(int) + (input.MoveBefore > 0 ? value.Length : input.Plan.Window is { } window ? (int)WindowLayout.Grown(window, (long*)value.ToPointer()).Bytes(window) : input.FirstLengthBytes);

    /// <summary>Bytes that a view's largest record takes in the log, with its header, key and length.</summary>
    public static long LargestOf(ViewPlan plan)
    {
        var value = plan.Window is { } window ? WindowLayout.Largest(window).Bytes(window) : LatestBytes(plan.Width);
        return (sizeof(long) + Unsafe.SizeOf<StoreKey>() + sizeof(int) + value + 7) & ~7L;
    }

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
