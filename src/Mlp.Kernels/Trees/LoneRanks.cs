namespace Mlp.Kernels;

/// <summary>The ranks of one row: two cache lines, of which the walk may read bytes that no column has.</summary>
internal static unsafe class LoneRanks
{
    /// <summary>Bytes on the stack that have two whole lines in them.</summary>
    public const int Bytes = 3 * AlignedBlock.Line;

    /// <summary>The first whole line.</summary>
    public static byte* Aligned(byte* memory) => (byte*)(((nuint)memory + AlignedBlock.Line - 1) & ~(nuint)(AlignedBlock.Line - 1));
}
