using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Mlp.Kernels;

/// <summary>Lines of 512 rows: one vector of 512 bits.</summary>
internal readonly unsafe struct SliceBits512 : ISliceBits<SliceBits512>
{
    private readonly Vector512<ulong> _rows;

    private SliceBits512(Vector512<ulong> rows) => _rows = rows;

    /// <inheritdoc/>
    public static int Words => 8;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SliceBits512 Load(ulong* lines, int line) => new(Vector512.LoadAligned(lines + (Words * (nint)line)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ulong* lines, int line, SliceBits512 value) => value._rows.StoreAligned(lines + (Words * (nint)line));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SliceBits512 Select(SliceBits512 answers, SliceBits512 no, SliceBits512 yes) => new(Vector512.ConditionalSelect(answers._rows, no._rows, yes._rows));
}
