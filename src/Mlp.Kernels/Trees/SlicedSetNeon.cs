namespace Mlp.Kernels;

/// <summary>AdvSimd of 64-bit ARM.</summary>
internal readonly unsafe struct SlicedSetNeon : ISlicedSet
{
    /// <inheritdoc/>
    public static string Name => "sliced-neon";

    /// <inheritdoc/>
    public static bool IsSupported => RankedSetNeon.IsSupported;

    /// <inheritdoc/>
    public static int BlockRows(int rows) => rows <= 64 ? 64 : 128;

    /// <inheritdoc/>
    public static void AddBlock(SlicedTrees trees, float* rows, nint stride, int blockRows, int count, float* sums, int targets)
    {
        switch (blockRows)
        {
            case 64:
                SlicedWalk<SliceBits64, SliceKernelNeon, RankCountNeon>.Add(trees, rows, stride, count, sums, targets);
                break;
            default:
                SlicedWalk<SliceBits128, SliceKernelNeon, RankCountNeon>.Add(trees, rows, stride, count, sums, targets);
                break;
        }
    }
}
