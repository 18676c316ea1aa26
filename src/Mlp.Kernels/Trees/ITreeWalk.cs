namespace Mlp.Kernels;

/// <summary>A way of walking all rows down all trees.</summary>
public interface ITreeWalk
{
    /// <summary>The name that <c>MLP_FORCE_KERNEL</c> takes.</summary>
    string Name { get; }

    /// <summary>Fewer rows than that take it as long as that many; 1 where it goes row by row.</summary>
    int BlockRowsMin { get; }

    /// <summary>Makes what the walk needs of the trees, once, so that the first call need not.</summary>
    /// <param name="trees">The trees.</param>
    /// <returns>Whether the trees fit it; where they do not, <see cref="Sum"/> walks them by <see cref="InterleavedTreeWalk"/>.</returns>
    bool Prepare(PackedTrees trees);

    /// <summary>Bytes of what it reads of the trees.</summary>
    /// <param name="trees">The trees.</param>
    long Bytes(PackedTrees trees);

    /// <summary>Adds the leaves that each row reaches to its sums, in float and in the order of the trees, whatever the number of rows.</summary>
    /// <param name="trees">The trees.</param>
    /// <param name="rows">Row-major, <see cref="PackedTrees.RowLength"/> a row.</param>
    /// <param name="sums">Row-major, <see cref="PackedTrees.TargetCount"/> a row: what they hold is added to, so base values or zeros.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    void Sum(PackedTrees trees, ReadOnlySpan<float> rows, Span<float> sums);
}
