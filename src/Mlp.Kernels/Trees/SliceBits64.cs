namespace Mlp.Kernels;

/// <summary>Lines of 64 rows: one word.</summary>
internal readonly unsafe struct SliceBits64 : ISliceBits
{
    /// <inheritdoc/>
    public static int Words => 1;

    /// <inheritdoc/>
    public static void Run(ulong* lines, ulong* step, ulong* end)
    {
        for (; step < end; step++)
        {
            var lineNumbers = *step;
            ulong yes = lines[(ushort)(lineNumbers >> 32)], no = lines[(ushort)(lineNumbers >> 48)];
            lines[(ushort)(lineNumbers >> 16)] = yes ^ ((yes ^ no) & lines[(ushort)lineNumbers]);
        }
    }
}
