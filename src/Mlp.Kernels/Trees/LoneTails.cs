using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Mlp.Kernels;

/// <summary>The tails of <see cref="PerfectTrees"/> that a row reaches.</summary>
internal static unsafe class LoneTails
{
    private const int ByteTail = 2 * PerfectTrees.TailNodes;

    /// <summary>Eight trees' tails of bytes: columns in the lower half of each lane, keys in the upper one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Bytes(byte* tails, nint stride, int* places) => Gather(tails, stride, places, ByteTail);

    /// <summary>A word of eight trees' tails.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Gather(byte* tails, nint stride, int* places, int bytes) => Vector512.Create(
        *(ulong*)(tails + (places[0] * bytes)),
        *(ulong*)(tails + stride + (places[1] * bytes)),
        *(ulong*)(tails + (2 * stride) + (places[2] * bytes)),
        *(ulong*)(tails + (3 * stride) + (places[3] * bytes)),
        *(ulong*)(tails + (4 * stride) + (places[4] * bytes)),
        *(ulong*)(tails + (5 * stride) + (places[5] * bytes)),
        *(ulong*)(tails + (6 * stride) + (places[6] * bytes)),
        *(ulong*)(tails + (7 * stride) + (places[7] * bytes)));

    /// <summary>From the answers of a tail's nodes, all bits of an element set for a no, to its number.</summary>
    /// <param name="answers">Three elements a lane: the node, its yes, its no.</param>
    /// <param name="bits">Bits of an element, as a power of two.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Number(Vector512<ulong> answers, int bits)
    {
        var first = answers & Vector512<ulong>.One;
        var second = Avx512F.ShiftRightLogicalVariable(answers, Vector512.ShiftLeft(first + Vector512<ulong>.One, bits)) & Vector512<ulong>.One;
        return first + first + second;
    }

    /// <summary>The number of one tail of bytes, by the integer unit.</summary>
    /// <param name="ranks">The row's ranks.</param>
    /// <param name="tail">The tail.</param>
    public static int Number(byte* ranks, byte* tail)
    {
        var first = ranks[tail[0]] > tail[PerfectTrees.TailNodes] ? 1 : 0;
        var second = ranks[tail[1 + first]] > tail[PerfectTrees.TailNodes + 1 + first] ? 1 : 0;
        return (2 * first) + second;
    }
}
