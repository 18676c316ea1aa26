using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Mlp.Kernels;

/// <summary>Comparisons by vectors of 256 bits. There is no unsigned one: at most the key is where the larger of both is the key.</summary>
internal readonly unsafe struct SliceKernelAvx2 : ISliceKernel
{
    /// <inheritdoc/>
    public static int PlaceOf(int row) => row;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Ask(byte* ranks, byte key)
    {
        var k = Vector256.Create(key);
        var low = Vector256.Equals(Avx2.Max(Vector256.LoadAligned(ranks), k), k).ExtractMostSignificantBits();
        var high = Vector256.Equals(Avx2.Max(Vector256.LoadAligned(ranks + Vector256<byte>.Count), k), k).ExtractMostSignificantBits();
        return ~(low | ((ulong)high << 32));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Ask(ushort* ranks, ushort key) => ~(AtMost(ranks, key) | ((ulong)AtMost(ranks + (2 * Vector256<ushort>.Count), key) << 32));

    /// <inheritdoc/>
    public static void AddLeaves(SlicedTrees trees, int tree, ulong* lines, int words, float* sums) => SliceLeaves.Add(trees, tree, lines, words, sums);

    // Two vectors of 16-bit answers become one of bytes; the pack works within halves, so its quarters are put in order.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint AtMost(ushort* ranks, ushort key)
    {
        var k = Vector256.Create(key);
        var low = Vector256.Equals(Avx2.Max(Vector256.LoadAligned(ranks), k), k).AsInt16();
        var high = Vector256.Equals(Avx2.Max(Vector256.LoadAligned(ranks + Vector256<ushort>.Count), k), k).AsInt16();
        return Avx2.Permute4x64(Avx2.PackSignedSaturate(low, high).AsInt64(), 0b11_01_10_00).AsByte().ExtractMostSignificantBits();
    }
}
