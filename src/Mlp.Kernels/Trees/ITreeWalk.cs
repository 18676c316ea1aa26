namespace Mlp.Kernels;

/// <summary>A way of walking all rows down all trees.</summary>
public interface ITreeWalk
{
    /// <summary>The name that <c>MLP_FORCE_KERNEL</c> takes.</summary>
    string Name { get; }

    /// <summary>Makes what the walk needs of the trees, once, so that the first call need not.</summary>
    /// <param name="trees">The trees.</param>
    void Prepare(PackedTrees trees);

    /// <summary>Sums the leaves that each row reaches, in float and in the order of the trees, whatever the number of rows.</summary>
    /// <param name="trees">The trees.</param>
    /// <param name="rows">Row-major features, <see cref="PackedTrees.FeatureCount"/> a row.</param>
    /// <param name="sums">One a row; overwritten.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    void Sum(PackedTrees trees, ReadOnlySpan<float> rows, Span<float> sums);
}
