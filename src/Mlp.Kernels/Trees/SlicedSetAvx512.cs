namespace Mlp.Kernels;

/// <summary>AVX-512 as the first processors had it.</summary>
internal readonly unsafe struct SlicedSetAvx512 : ISlicedSet
{
    /// <inheritdoc/>
    public static string Name => "sliced-avx512";

    /// <inheritdoc/>
    public static bool IsSupported => RankedSetAvx512.IsSupported;

    /// <inheritdoc/>
    public static int BlockRows(int rows) => rows <= 64 ? 64 : rows <= 128 ? 128 : rows <= 256 ? 256 : 512;

    /// <inheritdoc/>
    public static void AddBlock(SlicedTrees trees, float* rows, nint stride, int blockRows, int count, float* sums, int targets)
    {
        switch (blockRows)
        {
            case 64:
                SlicedWalk<SliceBits64, SliceKernelAvx512, RankCountAvx512>.Add(trees, rows, stride, count, sums, targets);
                break;
            case 128:
                SlicedWalk<SliceBits128, SliceKernelAvx512, RankCountAvx512>.Add(trees, rows, stride, count, sums, targets);
                break;
            case 256:
                SlicedWalk<SliceBits256, SliceKernelAvx512, RankCountAvx512>.Add(trees, rows, stride, count, sums, targets);
                break;
            default:
                SlicedWalk<SliceBits512, SliceKernelAvx512, RankCountAvx512>.Add(trees, rows, stride, count, sums, targets);
                break;
        }
    }
}
