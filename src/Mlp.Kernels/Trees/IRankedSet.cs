namespace Mlp.Kernels;

/// <summary>A row alone down <see cref="PerfectTrees"/>, for one set of instructions.</summary>
internal unsafe interface IRankedSet
{
    /// <summary>The name that <c>MLP_FORCE_KERNEL</c> takes.</summary>
    static abstract string Name { get; }

    /// <summary>Whether this processor has what it takes.</summary>
    static abstract bool IsSupported { get; }

    /// <summary>Whether a row alone can be taken.</summary>
    static abstract bool TakesLone(PerfectTrees trees);

    /// <summary>Adds the leaves that one row reaches to its sums.</summary>
    static abstract void AddLone(PerfectTrees trees, float* row, float* sums);
}
