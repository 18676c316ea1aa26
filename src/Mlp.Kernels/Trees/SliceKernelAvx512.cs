using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Mlp.Kernels;

/// <summary>Comparisons by vectors of 512 bits, whose answers are bits.</summary>
internal readonly unsafe struct SliceKernelAvx512 : ISliceKernel
{
    /// <inheritdoc/>
    public static int PlaceOf(int row) => row;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Ask(byte* ranks, byte key) => Vector512.GreaterThan(Vector512.LoadAligned(ranks), Vector512.Create(key)).ExtractMostSignificantBits();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Ask(ushort* ranks, ushort key)
    {
        var k = Vector512.Create(key);
        var low = Vector512.GreaterThan(Vector512.LoadAligned(ranks), k).ExtractMostSignificantBits();
        return low | (Vector512.GreaterThan(Vector512.LoadAligned(ranks + Vector512<ushort>.Count), k).ExtractMostSignificantBits() << 32);
    }

    /// <inheritdoc/>
    public static void AddLeaves(SlicedTrees trees, int tree, ulong* lines, int words, float* sums) => SliceLeaves.Add(trees, tree, lines, words, sums);
}
