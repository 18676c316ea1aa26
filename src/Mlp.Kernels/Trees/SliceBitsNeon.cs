using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace Mlp.Kernels;

/// <summary>Answers of 64 lanes as 64 bits: there is no such instruction, so each lane keeps the bit of its place and neighbours are added.</summary>
internal static class SliceBitsNeon
{
    /// <summary>A bit a lane, the first lane lowest; lanes are all ones or none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Pack(Vector128<byte> first, Vector128<byte> second, Vector128<byte> third, Vector128<byte> fourth)
    {
        var places = Vector128.Create(0x8040201008040201UL).AsByte();
        var low = AdvSimd.Arm64.AddPairwise(first & places, second & places);
        var high = AdvSimd.Arm64.AddPairwise(third & places, fourth & places);
        var quarter = AdvSimd.Arm64.AddPairwise(low, high);
        return AdvSimd.Arm64.AddPairwise(quarter, quarter).AsUInt64().ToScalar();
    }
}
