namespace Mlp.Kernels;

/// <summary>AVX-512 with permutes of bytes and products of bit matrices: Intel since Ice Lake, AMD since Zen 4.</summary>
internal readonly unsafe struct SlicedSetVbmi : ISlicedSet
{
    /// <inheritdoc/>
    public static string Name => "sliced-vbmi";

    /// <inheritdoc/>
    public static bool IsSupported => RankedSetVbmi.IsSupported;

    /// <inheritdoc/>
    public static int BlockRows(int rows) => rows <= 64 ? 64 : rows <= 128 ? 128 : rows <= 256 ? 256 : 512;

    /// <inheritdoc/>
    public static void AddBlock(SlicedTrees trees, float* rows, nint stride, int blockRows, int count, float* sums, int targets)
    {
        switch (blockRows)
        {
            case 64:
                SlicedWalk<SliceBits64, SliceKernelVbmi, RankCountAvx512>.Add(trees, rows, stride, count, sums, targets);
                break;
            case 128:
                SlicedWalk<SliceBits128, SliceKernelVbmi, RankCountAvx512>.Add(trees, rows, stride, count, sums, targets);
                break;
            case 256:
                SlicedWalk<SliceBits256, SliceKernelVbmi, RankCountAvx512>.Add(trees, rows, stride, count, sums, targets);
                break;
            default:
                SlicedWalk<SliceBits512, SliceKernelVbmi, RankCountAvx512>.Add(trees, rows, stride, count, sums, targets);
                break;
        }
    }
}
