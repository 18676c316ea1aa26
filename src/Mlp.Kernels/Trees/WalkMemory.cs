namespace Mlp.Kernels;

/// <summary>A thread's own memory for blocks of rows: taken once, kept for the thread's next call, and as large as its largest block needed.</summary>
internal static unsafe class WalkMemory
{
    [ThreadStatic]
    private static AlignedBlock? s_block;

    /// <summary>At least so many bytes, aligned to a cache line. What they hold is anything; the next call of the same thread gives the same ones.</summary>
    public static AlignedBlock AtLeast(long bytes)
    {
        if (s_block is null || s_block.Length < bytes)
        {
            s_block = new AlignedBlock(bytes);
        }

        return s_block;
    }
}
