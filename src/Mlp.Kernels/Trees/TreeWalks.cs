namespace Mlp.Kernels;

/// <summary>Picks the walk, once.</summary>
public static class TreeWalks
{
    /// <summary>All walks that this processor has, the reference first and the fastest last.</summary>
    public static IReadOnlyList<ITreeWalk> All { get; } =
    [
        new ScalarTreeWalk(),
        new InterleavedTreeWalk(),
        .. RankedSetNeon.IsSupported ? [new RankedTreeWalk<RankedSetNeon>()] : Array.Empty<ITreeWalk>(),
        .. MaskTreeWalkAvx2.IsSupported ? [new MaskTreeWalkAvx2()] : Array.Empty<ITreeWalk>(),
        .. MaskTreeWalkAvx512.IsSupported ? [new MaskTreeWalkAvx512()] : Array.Empty<ITreeWalk>(),
        .. RankedSetAvx2.IsSupported ? [new RankedTreeWalk<RankedSetAvx2>()] : Array.Empty<ITreeWalk>(),
        .. RankedSetAvx512.IsSupported ? [new RankedTreeWalk<RankedSetAvx512>()] : Array.Empty<ITreeWalk>(),
        .. RankedSetVbmi.IsSupported ? [new RankedTreeWalk<RankedSetVbmi>()] : Array.Empty<ITreeWalk>(),
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
        var count = sums.Length / trees.TargetCount;
        if (sums.Length % trees.TargetCount != 0 || rows.Length != (long)count * trees.RowLength)
        {
            throw new ArgumentException($"{sums.Length} sums, {trees.TargetCount} a row, need {(long)count * trees.RowLength} elements of rows of {trees.RowLength}; there are {rows.Length}.", nameof(rows));
        }
    }
}
