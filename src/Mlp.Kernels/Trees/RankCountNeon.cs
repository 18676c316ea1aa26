using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Mlp.Kernels;

/// <summary>A block is four vectors of 128 bits. Each true lane is −1, so the sum of the lanes counts them.</summary>
internal readonly unsafe struct RankCountNeon : IRankCount
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int NotAtMost(float value, float* block)
    {
        var x = Vector128.Create(value);
        var low = Vector128.LessThanOrEqual(x, Vector128.LoadAligned(block)).AsInt32() + Vector128.LessThanOrEqual(x, Vector128.LoadAligned(block + 4)).AsInt32();
        var high = Vector128.LessThanOrEqual(x, Vector128.LoadAligned(block + 8)).AsInt32() + Vector128.LessThanOrEqual(x, Vector128.LoadAligned(block + 12)).AsInt32();
        return ThresholdRanks.Fan + Vector128.Sum(low + high);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Above(float value, float* block)
    {
        var x = Vector128.Create(value);
        var low = Vector128.GreaterThan(x, Vector128.LoadAligned(block)).AsInt32() + Vector128.GreaterThan(x, Vector128.LoadAligned(block + 4)).AsInt32();
        var high = Vector128.GreaterThan(x, Vector128.LoadAligned(block + 8)).AsInt32() + Vector128.GreaterThan(x, Vector128.LoadAligned(block + 12)).AsInt32();
        return -Vector128.Sum(low + high);
    }
}
