using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Mlp.Kernels;

/// <summary>Lines of 512 rows: one vector of 512 bits.</summary>
internal readonly unsafe struct SliceBits512 : ISliceBits
{
    /// <inheritdoc/>
    public static int Words => 8;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ulong* lines, ulong* step, ulong* end)
    {
        for (; step < end; step++)
        {
            var lineNumbers = *step;
            var yes = Line(lines, (ushort)(lineNumbers >> 32));
            var no = Line(lines, (ushort)(lineNumbers >> 48));
            Vector512.ConditionalSelect(Line(lines, (ushort)lineNumbers), no, yes).StoreAligned(lines + ((uint)Words * (ushort)(lineNumbers >> 16)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Line(ulong* lines, ushort number) => Vector512.LoadAligned(lines + ((uint)Words * number));
}
