using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Mlp.Kernels;

/// <summary>Up to 64 columns of bytes: one permute (VPERMB), one comparison.</summary>
internal readonly unsafe struct LoneAskVbmi : ILoneAsk<LoneAskVbmi>, ILoneAnswer<LoneAskVbmi>
{
    private readonly Vector512<byte> _ranks;

    private LoneAskVbmi(Vector512<byte> ranks) => _ranks = ranks;

    /// <inheritdoc/>
    public static int RankBytes => sizeof(byte);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LoneAskVbmi Load(byte* ranks) => new(Vector512.LoadAligned(ranks));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Ask(byte* columns, byte* keys) =>
        Vector512.GreaterThan(Avx512Vbmi.PermuteVar64x8(_ranks, Vector512.LoadAligned(columns)), Vector512.LoadAligned(keys)).ExtractMostSignificantBits();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<byte> Answer(byte* columns, byte* keys) =>
        Vector512.LessThanOrEqual(Avx512Vbmi.PermuteVar64x8(_ranks, Vector512.LoadAligned(columns)), Vector512.LoadAligned(keys));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<ulong> AskTails(byte* tails, nint stride, int* places)
    {
        var tail = LoneTails.Bytes(tails, stride, places);
        var keys = Vector512.ShiftRightLogical(tail, 8 * PerfectTrees.TailNodes).AsByte();
        return LoneTails.Number(Vector512.GreaterThan(Avx512Vbmi.PermuteVar64x8(_ranks, tail.AsByte()), keys).AsUInt64(), bits: 3);
    }
}

/// <summary>Up to 128 columns of bytes: one permute out of two vectors, one comparison.</summary>
internal readonly unsafe struct LoneAskVbmiTwo : ILoneAsk<LoneAskVbmiTwo>, ILoneAnswer<LoneAskVbmiTwo>
{
    private readonly Vector512<byte> _low;
    private readonly Vector512<byte> _high;

    private LoneAskVbmiTwo(Vector512<byte> low, Vector512<byte> high) => (_low, _high) = (low, high);

    /// <inheritdoc/>
    public static int RankBytes => sizeof(byte);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LoneAskVbmiTwo Load(byte* ranks) => new(Vector512.LoadAligned(ranks), Vector512.LoadAligned(ranks + AlignedBlock.Line));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Ask(byte* columns, byte* keys) =>
        Vector512.GreaterThan(Avx512Vbmi.PermuteVar64x8x2(_low, Vector512.LoadAligned(columns), _high), Vector512.LoadAligned(keys)).ExtractMostSignificantBits();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<byte> Answer(byte* columns, byte* keys) =>
        Vector512.LessThanOrEqual(Avx512Vbmi.PermuteVar64x8x2(_low, Vector512.LoadAligned(columns), _high), Vector512.LoadAligned(keys));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<ulong> AskTails(byte* tails, nint stride, int* places)
    {
        var tail = LoneTails.Bytes(tails, stride, places);
        var keys = Vector512.ShiftRightLogical(tail, 8 * PerfectTrees.TailNodes).AsByte();
        return LoneTails.Number(Vector512.GreaterThan(Avx512Vbmi.PermuteVar64x8x2(_low, tail.AsByte(), _high), keys).AsUInt64(), bits: 3);
    }
}
