using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Mlp.Kernels;

/// <summary>Lines of 256 rows: one vector of 256 bits.</summary>
internal readonly unsafe struct SliceBits256 : ISliceBits
{
    /// <inheritdoc/>
    public static int Words => 4;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ulong* lines, ulong* step, ulong* end)
    {
        for (; step < end; step++)
        {
            var lineNumbers = *step;
            var yes = Line(lines, (ushort)(lineNumbers >> 32));
            var no = Line(lines, (ushort)(lineNumbers >> 48));
            Vector256.ConditionalSelect(Line(lines, (ushort)lineNumbers), no, yes).StoreAligned(lines + ((uint)Words * (uint)(ushort)(lineNumbers >> 16)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Line(ulong* lines, ushort number) => Vector256.LoadAligned(lines + ((uint)Words * number));
}
