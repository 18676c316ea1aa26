namespace Mlp.Kernels;

/// <summary>Blocks of rows down <see cref="SlicedTrees"/>, for one set of instructions.</summary>
internal unsafe interface ISlicedSet
{
    /// <summary>The name that <c>MLP_FORCE_KERNEL</c> takes.</summary>
    static abstract string Name { get; }

    /// <summary>Whether this processor has what it takes.</summary>
    static abstract bool IsSupported { get; }

    /// <summary>Rows of the block that suits so many.</summary>
    static abstract int BlockRows(int rows);

    /// <summary>Adds the leaves that the rows of a block reach to their sums.</summary>
    /// <param name="trees">The trees.</param>
    /// <param name="rows">The first row.</param>
    /// <param name="stride">Elements from one row to the next.</param>
    /// <param name="blockRows">What <see cref="BlockRows"/> said.</param>
    /// <param name="count">Rows, at most that.</param>
    /// <param name="sums">Row-major.</param>
    /// <param name="targets">Sums of a row.</param>
    static abstract void AddBlock(SlicedTrees trees, float* rows, nint stride, int blockRows, int count, float* sums, int targets);
}
