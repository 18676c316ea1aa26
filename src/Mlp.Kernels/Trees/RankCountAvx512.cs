using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Mlp.Kernels;

/// <summary>A block is one vector of 512 bits.</summary>
internal readonly unsafe struct RankCountAvx512 : IRankCount
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int NotAtMost(float value, float* block) =>
        ThresholdRanks.Fan - BitOperations.PopCount((uint)Vector512.LessThanOrEqual(Vector512.Create(value), Vector512.LoadAligned(block)).ExtractMostSignificantBits());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Above(float value, float* block) =>
        BitOperations.PopCount((uint)Vector512.GreaterThan(Vector512.Create(value), Vector512.LoadAligned(block)).ExtractMostSignificantBits());
}
