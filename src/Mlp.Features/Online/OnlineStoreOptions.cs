using System.Numerics;

namespace Mlp.Features;

/// <summary>Sizes of an online store. What does not fit into memory lies in the store's folder.</summary>
public sealed record OnlineStoreOptions
{
    /// <summary>Memory of the log's newest part, in bytes; a power of two.</summary>
    public long MemoryBytes { get; init; } = 256L << 20;

    /// <summary>One page of the log, in bytes; a power of two. The largest record has to fit into one.</summary>
    public long PageBytes { get; init; } = 4L << 20;

    /// <summary>One file of the log, in bytes; a power of two.</summary>
    public long SegmentBytes { get; init; } = 256L << 20;

    /// <summary>Memory of the hash index, in bytes; a power of two. About 16 bytes an entity and view serve well.</summary>
    public long IndexBytes { get; init; } = 16L << 20;

    /// <summary>Most readers that may be open at once.</summary>
    public int ReadersMax { get; init; } = 1024;

    /// <summary>Checks the sizes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is no power of two or too small.</exception>
    public void Validate()
    {
        Check(MemoryBytes, 1 << 16, nameof(MemoryBytes));
        Check(PageBytes, 1 << 12, nameof(PageBytes));
        Check(SegmentBytes, 1 << 16, nameof(SegmentBytes));
        Check(IndexBytes, 1 << 10, nameof(IndexBytes));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(PageBytes * 4, MemoryBytes, nameof(PageBytes));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ReadersMax);
    }

    private static void Check(long value, long least, string name)
    {
        if (value < least || !BitOperations.IsPow2(value))
        {
            throw new ArgumentOutOfRangeException(name, value, $"expected a power of two of at least {least}");
        }
    }
}
