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
        .. StruckTreeWalkVbmi.IsSupported ? [new StruckTreeWalkVbmi()] : Array.Empty<ITreeWalk>(),
        .. Ranked<RankedSetNeon, SlicedSetNeon>(),
        .. Ranked<RankedSetAvx2, SlicedSetAvx2>(),
        .. Ranked<RankedSetAvx512, SlicedSetAvx512>(),
        .. Ranked<RankedSetVbmi, SlicedSetVbmi>(),
    ];

    /// <summary>The walk that is best for many rows of usual trees, or the one that the environment variable <c>MLP_FORCE_KERNEL</c> names; <see cref="TreePlan"/> chooses for given trees.</summary>
    public static ITreeWalk Best { get; } = Forced ?? All[^1];

    /// <summary>The walk that <c>MLP_FORCE_KERNEL</c> names; null where it names none.</summary>
    internal static ITreeWalk? Forced => Named(KernelChoice.Forced);

    // A name that is another kernel's leaves this family at its best.
    internal static ITreeWalk? Named(string? name)
    {
        foreach (var walk in All)
        {
            if (walk.Name == name)
            {
                return walk;
            }
        }

        return null;
    }

    private static ITreeWalk[] Ranked<TLone, TMany>()
        where TLone : struct, IRankedSet
        where TMany : struct, ISlicedSet => TLone.IsSupported ? [new RankedTreeWalk<TLone>(), new SlicedTreeWalk<TMany>()] : [];

    /// <summary>The number of rows; the division that it takes is spared a row that comes alone.</summary>
    internal static int CheckLengths(PackedTrees trees, ReadOnlySpan<float> rows, ReadOnlySpan<float> sums)
    {
        if (sums.Length == trees.TargetCount && rows.Length == trees.RowLength)
        {
            return 1;
        }

        var count = sums.Length / trees.TargetCount;
        return sums.Length == (long)count * trees.TargetCount && rows.Length == (long)count * trees.RowLength
            ? count
            : throw new ArgumentException($"{sums.Length} sums, {trees.TargetCount} a row, need {(long)count * trees.RowLength} elements of rows of {trees.RowLength}; there are {rows.Length}.", nameof(rows));
    }
}
