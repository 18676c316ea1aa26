using System.Runtime.CompilerServices;

namespace Mlp.Kernels;

/// <summary>What is done with the places that are left over in words of <see cref="StruckLeaves"/>; a value that each step gives anew, so that it lives in registers.</summary>
internal unsafe interface IStruckLeaf<TSelf>
    where TSelf : struct, IStruckLeaf<TSelf>
{
    /// <summary>Begins with the sums that a row has.</summary>
    static abstract TSelf Begin(float* sums);

    /// <summary>Takes some words.</summary>
    TSelf Add(StruckLeaves trees, int first, int words, int* places, float* sums);

    /// <summary>Puts back what it summed itself.</summary>
    void End(float* sums);
}

/// <summary>Each tree is one word, and there is one sum.</summary>
internal readonly unsafe struct StruckLeafOfWord : IStruckLeaf<StruckLeafOfWord>
{
    private readonly float _sum;

    private StruckLeafOfWord(float sum) => _sum = sum;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static StruckLeafOfWord Begin(float* sums) => new(sums[0]);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public StruckLeafOfWord Add(StruckLeaves trees, int first, int words, int* places, float* sums)
    {
        var sum = _sum;
        var leaves = trees.Leaves + ((nint)first * StruckLeaves.WordPlaces);
        for (var i = 0; i < words; i++, leaves += StruckLeaves.WordPlaces)
        {
            sum += leaves[places[i]];
        }

        return new(sum);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void End(float* sums) => sums[0] = _sum;
}

/// <summary>A tree of several words takes the leaf of its last word that has one left over.</summary>
internal readonly unsafe struct StruckLeafOfWords : IStruckLeaf<StruckLeafOfWords>
{
    private readonly nint _leaf;
    private readonly int _tree;

    private StruckLeafOfWords(nint leaf, int tree) => (_leaf, _tree) = (leaf, tree);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static StruckLeafOfWords Begin(float* sums) => default;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public StruckLeafOfWords Add(StruckLeaves trees, int first, int words, int* places, float* sums)
    {
        var leaf = _leaf;
        var tree = _tree;
        var leaves = trees.Leaves;
        var targets = trees.Targets;
        fixed (byte* counts = &trees.LeafCounts[first])
        fixed (bool* ends = &trees.EndsTree[first])
        {
            for (var i = 0; i < words; i++)
            {
                // All ones where this word has a leaf left over: no jump.
                nint place = places[i], has = (place - counts[i]) >> 31;
                leaf = ((((nint)(first + i) * StruckLeaves.WordPlaces) + place) & has) | (leaf & ~has);
                if (ends[i])
                {
                    sums[targets is null ? 0 : targets[tree]] += leaves[leaf];
                    tree++;
                }
            }
        }

        return new(leaf, tree);
    }

    /// <inheritdoc/>
    public void End(float* sums)
    {
        // Nothing is kept back.
    }
}
