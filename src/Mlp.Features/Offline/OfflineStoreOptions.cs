namespace Mlp.Features;

/// <summary>What the queries of an offline store may use.</summary>
public sealed record OfflineStoreOptions
{
    /// <summary>Threads of a query; 0 for one a processor.</summary>
    public int Threads { get; init; }

    /// <summary>Memory of a query in bytes; what does not fit is spilled to the store's folder.</summary>
    public long MemoryBytesMax { get; init; } = 4L << 30;

    /// <summary>Most bytes that a query may spill to disk.</summary>
    public long SpillBytesMax { get; init; } = 64L << 30;

    /// <summary>Rows of a <see cref="FeatureBatch"/>.</summary>
    public int BatchRows { get; init; } = 4096;

    /// <summary>How files are parted by their events' times; what was appended before stays as it is.</summary>
    public DatePartition Partition { get; init; } = DatePartition.Month;

    /// <summary>Most files, one a partition, of a batch: an append that needs more is refused.</summary>
    public int FilesPerBatchMax { get; init; } = 4096;

    /// <summary>
    /// Most bytes of a source's list of batches, about 100 a batch and 300 a file and 4,096 at the least: an append whose batch no longer fits is refused, and so is
    /// a longer list. A folder that was appended to with a larger limit needs it to be read.
    /// </summary>
    public int ListBytesMax { get; init; } = 16 << 20;

    /// <summary>
    /// How long the engine of a question is kept for the next one, at most a day; zero for not at all. Until then the process keeps the memory that the question took,
    /// up to <see cref="MemoryBytesMax"/>; the next one need not ask the system for it again. An engine that has spilled is not kept.
    /// </summary>
    public TimeSpan EngineKept { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock of what the store does of its own.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>How long an append waits at most for another one to the same source, in whatever process.</summary>
    public TimeSpan AppendWaitMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Checks the limits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Threads);
        ArgumentOutOfRangeException.ThrowIfLessThan(MemoryBytesMax, 64L << 20);
        ArgumentOutOfRangeException.ThrowIfNegative(SpillBytesMax);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BatchRows);
        ArgumentOutOfRangeException.ThrowIfLessThan(ListBytesMax, 4096);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(FilesPerBatchMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(EngineKept, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(EngineKept, TimeSpan.FromDays(1));
        ArgumentNullException.ThrowIfNull(TimeProvider);
        ArgumentOutOfRangeException.ThrowIfLessThan(AppendWaitMax, TimeSpan.Zero);
        if (!Enum.IsDefined(Partition))
        {
            throw new ArgumentOutOfRangeException(nameof(Partition), Partition, "no partition");
        }
    }
}
