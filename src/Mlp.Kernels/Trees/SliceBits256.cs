using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Mlp.Kernels;

/// <summary>Lines of 256 rows: one vector of 256 bits.</summary>
internal readonly unsafe struct SliceBits256 : ISliceBits<SliceBits256>
{
    private readonly Vector256<ulong> _rows;

    private SliceBits256(Vector256<ulong> rows) => _rows = rows;

    /// <inheritdoc/>
    public static int Words => 4;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SliceBits256 Load(ulong* lines, int line) => new(Vector256.LoadAligned(lines + (Words * (nint)line)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ulong* lines, int line, SliceBits256 value) => value._rows.StoreAligned(lines + (Words * (nint)line));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SliceBits256 Select(SliceBits256 answers, SliceBits256 no, SliceBits256 yes) => new(Vector256.ConditionalSelect(answers._rows, no._rows, yes._rows));
}
