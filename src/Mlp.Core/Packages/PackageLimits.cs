namespace Mlp.Core;

/// <summary>What a reader of a package accepts. A package beyond a limit is refused before anything is allocated for it.</summary>
public sealed record PackageLimits
{
    /// <summary>The limits that serve almost everybody.</summary>
    public static PackageLimits Default { get; } = new();

    /// <summary>Largest manifest in bytes.</summary>
    public int ManifestBytesMax { get; init; } = 4 << 20;

    /// <summary>Most entries in any list of the manifest (files, features, labels, tensors, data sets).</summary>
    public int ListEntriesMax { get; init; } = 65_536;

    /// <summary>Largest file in bytes.</summary>
    public long FileBytesMax { get; init; } = 16L << 30;

    /// <summary>Most entries of an archive.</summary>
    public int ArchiveEntriesMax { get; init; } = 4096;

    /// <summary>Largest archive in bytes, packed and unpacked.</summary>
    public long ArchiveBytesMax { get; init; } = 16L << 30;

    /// <summary>Largest file of golden examples in bytes.</summary>
    public int GoldenBytesMax { get; init; } = 16 << 20;

    /// <summary>Most golden examples.</summary>
    public int GoldenExamplesMax { get; init; } = 4096;

    /// <summary>Checks that every limit is positive.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is not.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ManifestBytesMax);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ListEntriesMax);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(FileBytesMax);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ArchiveEntriesMax);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ArchiveBytesMax);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(GoldenBytesMax);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(GoldenExamplesMax);
    }
}
