using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Mlp.Kernels;

/// <summary>Up to 32 columns of bytes: a shuffle of either half of them, and the one that the column's fifth bit picks.</summary>
internal readonly unsafe struct LoneAskAvx2 : ILoneAskBytes<LoneAskAvx2>
{
    private readonly Vector256<byte> _low;
    private readonly Vector256<byte> _high;

    private LoneAskAvx2(Vector256<byte> low, Vector256<byte> high) => (_low, _high) = (low, high);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LoneAskAvx2 Load(byte* ranks)
    {
        Vector128<byte> low = Vector128.LoadAligned(ranks), high = Vector128.LoadAligned(ranks + Vector128<byte>.Count);
        return new(Vector256.Create(low, low), Vector256.Create(high, high));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Ask(byte* columns, byte* keys) =>
        Ask32(columns, keys) | ((ulong)Ask32(columns + Vector256<byte>.Count, keys + Vector256<byte>.Count) << 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Ask32(byte* columns, byte* keys)
    {
        var column = Vector256.LoadAligned(columns);
        var key = Vector256.LoadAligned(keys);

        // The shuffle takes a column's low four bits; the blend its highest, so the fifth is moved there.
        var fifth = Vector256.ShiftLeft(column.AsUInt16(), 3).AsByte();
        var rank = Avx2.BlendVariable(Avx2.Shuffle(_low, column), Avx2.Shuffle(_high, column), fifth);

        // There is no unsigned comparison: at most the key is where the larger of both is the key.
        return ~Vector256.Equals(Avx2.Max(rank, key), key).ExtractMostSignificantBits();
    }
}
