using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Mlp.Kernels;

/// <summary>A block is two vectors of 256 bits.</summary>
internal readonly unsafe struct RankCountAvx2 : IRankCount
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int NotAtMost(float value, float* block)
    {
        var x = Vector256.Create(value);
        var low = Vector256.LessThanOrEqual(x, Vector256.LoadAligned(block)).ExtractMostSignificantBits();
        var high = Vector256.LessThanOrEqual(x, Vector256.LoadAligned(block + 8)).ExtractMostSignificantBits();
        return ThresholdRanks.Fan - BitOperations.PopCount(low | (high << 8));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Above(float value, float* block)
    {
        var x = Vector256.Create(value);
        var low = Vector256.GreaterThan(x, Vector256.LoadAligned(block)).ExtractMostSignificantBits();
        var high = Vector256.GreaterThan(x, Vector256.LoadAligned(block + 8)).ExtractMostSignificantBits();
        return BitOperations.PopCount(low | (high << 8));
    }
}
