namespace Mlp.Kernels;

/// <summary>A line of bits, one a row, and how selects run over lines.</summary>
internal unsafe interface ISliceBits
{
    /// <summary>64-bit words of a line.</summary>
    static abstract int Words { get; }

    /// <summary>Runs selects.</summary>
    /// <param name="lines">The buffer.</param>
    /// <param name="step">The first, as in <see cref="SlicedTrees.Steps"/>.</param>
    /// <param name="end">Behind the last.</param>
    static abstract void Run(ulong* lines, ulong* step, ulong* end);
}
