using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Mlp.Kernels;

/// <summary>Lines of 128 rows: one vector of 128 bits.</summary>
internal readonly unsafe struct SliceBits128 : ISliceBits<SliceBits128>
{
    private readonly Vector128<ulong> _rows;

    private SliceBits128(Vector128<ulong> rows) => _rows = rows;

    /// <inheritdoc/>
    public static int Words => 2;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SliceBits128 Load(ulong* lines, int line) => new(Vector128.LoadAligned(lines + (Words * (nint)line)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ulong* lines, int line, SliceBits128 value) => value._rows.StoreAligned(lines + (Words * (nint)line));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SliceBits128 Select(SliceBits128 answers, SliceBits128 no, SliceBits128 yes) => new(Vector128.ConditionalSelect(answers._rows, no._rows, yes._rows));
}
