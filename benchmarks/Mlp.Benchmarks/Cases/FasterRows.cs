using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FASTER.core;

namespace Mlp.Benchmarks;

/// <summary>A row as a user of FASTER would write it: when it became known, and 20 floats. The same bytes as in the feature store.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FasterRow
{
    public long KnownAt;
    public Floats Values;

    [InlineArray(FeatureRows.Width)]
    internal struct Floats
    {
        private float _first;
    }
}

/// <summary>Reading by hand: the key is a long, the value a blittable struct, the output the caller's memory. A struct, as in FASTER's own benchmark: the compiler then inlines the callbacks.</summary>
internal unsafe partial struct FasterRowFunctions : IFunctions<long, FasterRow, nint, Empty, Empty>
{
    public readonly bool SingleReader(ref long key, ref nint input, ref FasterRow value, ref Empty dst, ref ReadInfo readInfo) => Copy(input, ref value);

    public readonly bool ConcurrentReader(ref long key, ref nint input, ref FasterRow value, ref Empty dst, ref ReadInfo readInfo) => Copy(input, ref value);

    public readonly bool SingleWriter(ref long key, ref nint input, ref FasterRow src, ref FasterRow dst, ref Empty output, ref UpsertInfo upsertInfo, WriteReason reason)
    {
        dst = src;
        return true;
    }

    public readonly bool ConcurrentWriter(ref long key, ref nint input, ref FasterRow src, ref FasterRow dst, ref Empty output, ref UpsertInfo upsertInfo)
    {
        dst = src;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Copy(nint row, ref FasterRow value)
    {
        *(FasterRow.Floats*)row = value.Values;
        return true;
    }
}

/// <summary>A well-mixed hash of a long, as FASTER's own samples have it for keys that are not random.</summary>
internal struct LongKeyComparer : IFasterEqualityComparer<long>
{
    public readonly long GetHashCode64(ref long k) => Utility.GetHashCode(k);

    public readonly bool Equals(ref long k1, ref long k2) => k1 == k2;
}
