using System.Runtime.InteropServices;

namespace Mlp.Core;

/// <summary>Buffers that start on a cache line and never move, so that vector code and native runtimes may read them in place.</summary>
public static class AlignedMemory
{
    /// <summary>The alignment in bytes: one cache line, one 512-bit vector.</summary>
    public const int AlignmentBytes = 64;

    /// <summary>Takes a zeroed buffer of <paramref name="length"/> elements from the pinned heap.</summary>
    /// <remarks>Meant for memory that is taken once, at load; it is given back when nothing refers to it any more.</remarks>
    public static Memory<T> Allocate<T>(int length)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var size = System.Runtime.CompilerServices.Unsafe.SizeOf<T>();

        // An element size that does not divide 64 (a 12-byte struct) can only be aligned to what it does divide.
        var slack = (AlignmentBytes + size - 1) / size;
        var array = GC.AllocateArray<T>(checked(length + slack), pinned: true);
        var address = (long)Marshal.UnsafeAddrOfPinnedArrayElement(array, 0);
        var skip = 0;
        while (skip < slack && (address + ((long)skip * size)) % AlignmentBytes != 0)
        {
            skip++;
        }

        return array.AsMemory(skip == slack ? 0 : skip, length);
    }
}
