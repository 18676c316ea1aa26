namespace Mlp.Kernels;

/// <summary>AVX2.</summary>
internal readonly unsafe struct SlicedSetAvx2 : ISlicedSet
{
    /// <inheritdoc/>
    public static string Name => "sliced-avx2";

    /// <inheritdoc/>
    public static bool IsSupported => RankedSetAvx2.IsSupported;

    /// <inheritdoc/>
    public static int BlockRows(int rows) => rows <= 64 ? 64 : rows <= 128 ? 128 : 256;

    /// <inheritdoc/>
    public static void AddBlock(SlicedTrees trees, float* rows, nint stride, int blockRows, int count, float* sums, int targets)
    {
        switch (blockRows)
        {
            case 64:
                SlicedWalk<SliceBits64, SliceKernelAvx2, RankCountAvx2>.Add(trees, rows, stride, count, sums, targets);
                break;
            case 128:
                SlicedWalk<SliceBits128, SliceKernelAvx2, RankCountAvx2>.Add(trees, rows, stride, count, sums, targets);
                break;
            default:
                SlicedWalk<SliceBits256, SliceKernelAvx2, RankCountAvx2>.Add(trees, rows, stride, count, sums, targets);
                break;
        }
    }
}
