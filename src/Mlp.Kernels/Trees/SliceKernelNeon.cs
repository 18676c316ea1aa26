using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace Mlp.Kernels;

/// <summary>Comparisons by vectors of 128 bits, four for 64 bytes.</summary>
internal readonly unsafe struct SliceKernelNeon : ISliceKernel
{
    /// <inheritdoc/>
    public static int PlaceOf(int row) => row;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Ask(byte* ranks, byte key)
    {
        var k = Vector128.Create(key);
        return SliceBitsNeon.Pack(
            Vector128.GreaterThan(Vector128.LoadAligned(ranks), k),
            Vector128.GreaterThan(Vector128.LoadAligned(ranks + 16), k),
            Vector128.GreaterThan(Vector128.LoadAligned(ranks + 32), k),
            Vector128.GreaterThan(Vector128.LoadAligned(ranks + 48), k));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Ask(ushort* ranks, ushort key) => SliceBitsNeon.Pack(Ask16(ranks, key), Ask16(ranks + 16, key), Ask16(ranks + 32, key), Ask16(ranks + 48, key));

    /// <inheritdoc/>
    public static void AddLeaves(SlicedTrees trees, int tree, ulong* lines, int words, float* sums) => SliceLeaves.Add(trees, tree, lines, words, sums);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Ask16(ushort* ranks, ushort key)
    {
        var k = Vector128.Create(key);
        var low = AdvSimd.ExtractNarrowingLower(Vector128.GreaterThan(Vector128.LoadAligned(ranks), k));
        return AdvSimd.ExtractNarrowingUpper(low, Vector128.GreaterThan(Vector128.LoadAligned(ranks + 8), k));
    }
}
