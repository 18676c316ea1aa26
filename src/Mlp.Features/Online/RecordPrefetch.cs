using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using FASTER.core;

namespace Mlp.Features;

/// <summary>
/// Asks the processor for the memory of records that will soon be read. A read of a random entity waits twice for memory: for its bucket of the hash
/// index and for its record in the log; of many reads these waits can overlap, which the engine, being asked for one record at a time, cannot do.
/// <para>
/// Where buckets and pages lie is private to the engine: it is read once, by reflection, when the store has been opened and its index has its size
/// for good. Where something is not as expected there is no prefetching, and nothing else changes: all of this is advice, and the reads that follow
/// are the engine's own. Memory is read in two places only, both arrays that never move and that this object itself keeps alive, whatever
/// becomes of the engine: the index, and the list of the pages' addresses. What they say may be stale by the time it is used. It is used for nothing
/// but the advice, which the processor may be given for any address, mapped or not.
/// </para>
/// </summary>
internal sealed unsafe class RecordPrefetch
{
    // The engine's layout: a bucket is a line of seven entries and a link; an entry has 48 bits of address, 14 of the hash, and a bit for being undecided.
    private const int BucketBytes = 64;
    private const int EntriesMask = 0x7f;
    private const int HashTagShift = 50;
    private const int TagShift = 48;
    private const long AddressMask = (1L << TagShift) - 1;
    private const long TagAndUndecidedMask = (0x3fffL << TagShift) | long.MinValue;
    private const int LineBytes = 64;

    private readonly Array _table;
    private readonly byte* _buckets;
    private readonly long _mask;
    private readonly long[] _pages;
    private readonly int _pageBits;

    private RecordPrefetch(Array table, byte* buckets, long mask, long[] pages, int pageBits)
    {
        _table = table;
        _buckets = buckets;
        _mask = mask;
        _pages = pages;
        _pageBits = pageBits;
    }

    /// <summary>Looks up where a store's index and pages are; null where they are not as this expects, or the processor takes no advice.</summary>
    public static RecordPrefetch? Of(FasterKV<StoreKey, SpanByte> store)
    {
        if (!Sse.IsSupported
            || Field(store, "state") is not Array { Length: 2 } tables
            || Field(Field(store, "resizeInfo"), "version") is not int version || version is not (0 or 1)
            || tables.GetValue(version) is not { } index
            || Field(index, "tableRaw") is not Array table
            || Field(index, "tableAligned") is not Pointer aligned
            || Field(index, "size") is not long size || size != store.IndexSize || !BitOperations.IsPow2(size)
            || Field(store, "hlog") is not { } log
            || Field(log, "pointers") is not long[] pages || !BitOperations.IsPow2(pages.Length)
            || Field(log, "LogPageSizeBits") is not int pageBits || pageBits is < 1 or > 40)
        {
            return null;
        }

        var buckets = (byte*)Pointer.Unbox(aligned);
        var begin = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(table));
        var isWithin = buckets >= begin && buckets + (size * BucketBytes) <= begin + ((long)table.Length * BucketBytes)
            && table.GetType().GetElementType()!.StructLayoutAttribute?.Size == BucketBytes;
        return isWithin ? new RecordPrefetch(table, buckets, size - 1, pages, pageBits) : null;
    }

    /// <summary>Asks for the bucket of a key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Bucket(long hash) => Sse.Prefetch0(_buckets + ((hash & _mask) * BucketBytes));

    /// <summary>Asks for the newest record of a key, once its bucket has come.</summary>
    /// <param name="hash">The key's hash.</param>
    /// <param name="bytes">How much of the record.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Record(long hash, int bytes)
    {
        var entries = (long*)(_buckets + ((hash & _mask) * BucketBytes));
        var tag = Vector512.Create((long)((ulong)hash >> HashTagShift) << TagShift);
        var same = Vector512.Equals(Vector512.Load(entries) & Vector512.Create(TagAndUndecidedMask), tag).ExtractMostSignificantBits() & EntriesMask;
        if (same != 0)
        {
            var address = entries[BitOperations.TrailingZeroCount(same)] & AddressMask;
            var record = (byte*)_pages[(address >> _pageBits) & (_pages.Length - 1)] + (address & ((1L << _pageBits) - 1));
            for (var at = 0; at < bytes; at += LineBytes)
            {
                Sse.Prefetch0(record + at);
            }

            // A record does not begin at a line's begin.
            Sse.Prefetch0(record + bytes - 1);
        }
    }

    private static object? Field(object? of, string name)
    {
        for (var type = of?.GetType(); type is not null; type = type.BaseType)
        {
            if (type.GetField(name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly) is { } field)
            {
                return field.GetValue(of);
            }
        }

        return null;
    }
}
