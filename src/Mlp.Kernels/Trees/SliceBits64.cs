using System.Runtime.CompilerServices;

namespace Mlp.Kernels;

/// <summary>Lines of 64 rows: one word.</summary>
internal readonly unsafe struct SliceBits64 : ISliceBits<SliceBits64>
{
    private readonly ulong _rows;

    private SliceBits64(ulong rows) => _rows = rows;

    /// <inheritdoc/>
    public static int Words => 1;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SliceBits64 Load(ulong* lines, int line) => new(lines[line]);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ulong* lines, int line, SliceBits64 value) => lines[line] = value._rows;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SliceBits64 Select(SliceBits64 answers, SliceBits64 no, SliceBits64 yes) => new(yes._rows ^ ((yes._rows ^ no._rows) & answers._rows));
}
