namespace Mlp.Kernels;

/// <summary>Picks the walk, once.</summary>
public static class TreeWalks
{
    /// <summary>All walks that this processor has, the reference first and the fastest last.</summary>
    public static IReadOnlyList<ITreeWalk> All { get; } =
    [
        new ScalarTreeWalk(),
        new InterleavedTreeWalk(),
        .. MaskTreeWalkAvx2.IsSupported ? [new MaskTreeWalkAvx2()] : Array.Empty<ITreeWalk>(),
        .. MaskTreeWalkAvx512.IsSupported ? [new MaskTreeWalkAvx512()] : Array.Empty<ITreeWalk>(),
    ];

    /// <summary>The walk that serves: the fastest, or the one that the environment variable <c>MLP_FORCE_KERNEL</c> names.</summary>
    public static ITreeWalk Best { get; } = Pick(KernelChoice.Forced);

    internal static ITreeWalk Pick(string? forced)
    {
        foreach (var walk in All)
        {
            if (walk.Name == forced)
            {
                return walk;
            }
        }

        // A name that is another kernel's (avx2, neon ...) leaves this family at its best.
        return All[^1];
    }

    internal static void CheckLengths(PackedTrees trees, ReadOnlySpan<float> rows, ReadOnlySpan<float> sums)
    {
        if (rows.Length != (long)sums.Length * trees.FeatureCount)
        {
            throw new ArgumentException($"{sums.Length} rows of {trees.FeatureCount} features need {(long)sums.Length * trees.FeatureCount} elements; there are {rows.Length}.", nameof(rows));
        }
    }
}
