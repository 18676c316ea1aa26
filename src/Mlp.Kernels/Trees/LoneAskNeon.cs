using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace Mlp.Kernels;

/// <summary>Up to 64 columns of bytes: a look-up in a table of four vectors, sixteen questions at once.</summary>
internal readonly unsafe struct LoneAskNeon : ILoneAskBytes<LoneAskNeon>
{
    private readonly Vector128<byte> _first;
    private readonly Vector128<byte> _second;
    private readonly Vector128<byte> _third;
    private readonly Vector128<byte> _fourth;

    private LoneAskNeon(byte* ranks)
    {
        _first = Vector128.LoadAligned(ranks);
        _second = Vector128.LoadAligned(ranks + 16);
        _third = Vector128.LoadAligned(ranks + 32);
        _fourth = Vector128.LoadAligned(ranks + 48);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LoneAskNeon Load(byte* ranks) => new(ranks);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Ask(byte* columns, byte* keys) =>
        SliceBitsNeon.Pack(Ask16(columns, keys), Ask16(columns + 16, keys + 16), Ask16(columns + 32, keys + 32), Ask16(columns + 48, keys + 48));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<byte> Ask16(byte* columns, byte* keys) =>
        Vector128.GreaterThan(AdvSimd.Arm64.VectorTableLookup((_first, _second, _third, _fourth), Vector128.LoadAligned(columns)), Vector128.LoadAligned(keys));
}
