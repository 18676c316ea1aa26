namespace Mlp.Kernels;

/// <summary>What a block of rows needs of an instruction set, 64 rows at once.</summary>
internal unsafe interface ISliceKernel
{
    /// <summary>Where a row of 64 has its place among the ranks, so that its leaf comes out where its sum is.</summary>
    static abstract int PlaceOf(int row);

    /// <summary>A bit for each of 64 ranks: set where it is above the key, which is a no.</summary>
    static abstract ulong Ask(byte* ranks, byte key);

    /// <summary>A bit for each of 64 ranks: set where it is above the key, which is a no.</summary>
    static abstract ulong Ask(ushort* ranks, ushort key);

    /// <summary>Adds each row's leaf to its sum.</summary>
    /// <param name="trees">The trees.</param>
    /// <param name="tree">Which.</param>
    /// <param name="lines">The buffer, with the tree's program run.</param>
    /// <param name="words">Words of a line.</param>
    /// <param name="sums">64 a word.</param>
    static abstract void AddLeaves(SlicedTrees trees, int tree, ulong* lines, int words, float* sums);
}
