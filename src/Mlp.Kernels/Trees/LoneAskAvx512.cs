using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Mlp.Kernels;

/// <summary>Up to 64 columns of 16 bits: two permutes out of two vectors, two comparisons.</summary>
internal readonly unsafe struct LoneAskAvx512 : ILoneAsk<LoneAskAvx512>
{
    private const int Half = AlignedBlock.Line;

    private readonly Vector512<ushort> _low;
    private readonly Vector512<ushort> _high;

    private LoneAskAvx512(Vector512<ushort> low, Vector512<ushort> high) => (_low, _high) = (low, high);

    /// <inheritdoc/>
    public static int RankBytes => sizeof(ushort);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LoneAskAvx512 Load(byte* ranks) => new(Vector512.LoadAligned((ushort*)ranks), Vector512.LoadAligned((ushort*)(ranks + Half)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Ask(byte* columns, byte* keys) => Ask32(columns, keys) | (Ask32(columns + Half, keys + Half) << 32);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<ulong> AskTails(byte* tails, nint stride, int* places)
    {
        const int Keys = PerfectTrees.TailNodes * sizeof(ushort);
        var columns = LoneTails.Gather(tails, stride, places, 2 * Keys).AsUInt16();
        var keys = LoneTails.Gather(tails + Keys, stride, places, 2 * Keys).AsUInt16();
        return LoneTails.Number(Vector512.GreaterThan(Avx512BW.PermuteVar32x16x2(_low, columns, _high), keys).AsUInt64(), bits: 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Ask32(byte* columns, byte* keys)
    {
        var ranks = Avx512BW.PermuteVar32x16x2(_low, Vector512.LoadAligned((ushort*)columns), _high);
        return Vector512.GreaterThan(ranks, Vector512.LoadAligned((ushort*)keys)).ExtractMostSignificantBits();
    }
}
