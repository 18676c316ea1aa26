using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Mlp.Kernels;

/// <summary>Up to 64 columns of bytes where there is no permute of bytes: they are widened to 16 bits on the way.</summary>
internal readonly unsafe struct LoneAskAvx512Bytes : ILoneAsk<LoneAskAvx512Bytes>
{
    private const int Half = 32;

    private readonly Vector512<ushort> _low;
    private readonly Vector512<ushort> _high;
    private readonly byte* _ranks;

    private LoneAskAvx512Bytes(byte* ranks)
    {
        _low = Widened(ranks);
        _high = Widened(ranks + Half);
        _ranks = ranks;
    }

    /// <inheritdoc/>
    public static int RankBytes => sizeof(byte);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LoneAskAvx512Bytes Load(byte* ranks) => new(ranks);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Ask(byte* columns, byte* keys) => Ask32(columns, keys) | (Ask32(columns + Half, keys + Half) << Half);

    /// <inheritdoc/>
    public Vector512<ulong> AskTails(byte* tails, nint stride, int* places)
    {
        const int Bytes = 2 * PerfectTrees.TailNodes;
        var numbers = Vector512<ulong>.Zero;
        for (var i = 0; i < Vector512<ulong>.Count; i++)
        {
            numbers = numbers.WithElement(i, (ulong)LoneTails.Number(_ranks, tails + (i * stride) + (places[i] * Bytes)));
        }

        return numbers;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Ask32(byte* columns, byte* keys) =>
        Vector512.GreaterThan(Avx512BW.PermuteVar32x16x2(_low, Widened(columns), _high), Widened(keys)).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> Widened(byte* bytes) => Avx512BW.ConvertToVector512UInt16(Vector256.LoadAligned(bytes));
}
