using System.Numerics;
using FASTER.core;

namespace Mlp.Features;

/// <summary>Sizes of an online store. What does not fit into memory lies in the store's folder.</summary>
public sealed record OnlineStoreOptions
{
    private const long PageBytesMax = 512L << 20;

    /// <summary>Memory of the log's newest part, in bytes; a power of two.</summary>
    public long MemoryBytes { get; init; } = 256L << 20;

    /// <summary>One page of the log, in bytes; a power of two. The largest record of every view has to fit into one. A folder keeps the size that it was made with.</summary>
    public long PageBytes { get; init; } = 4L << 20;

    /// <summary>One file of the log, in bytes; a power of two. A folder keeps the size that it was made with.</summary>
    public long SegmentBytes { get; init; } = 256L << 20;

    /// <summary>
    /// Most bytes of the log, in memory and on disk. A checkpoint compacts the log when it has come past half of this; a push past the whole
    /// is refused until a checkpoint has made room. While it compacts, what is live is there twice.
    /// </summary>
    public long LogBytesMax { get; init; } = 64L << 30;

    /// <summary>Memory of the hash index, in bytes; a power of two. About 16 bytes an entity and view serve well. An existing index grows to this, and never shrinks.</summary>
    public long IndexBytes { get; init; } = 16L << 20;

    /// <summary>Most bytes of a row that has texts or lists. Such a row has to fit into a page.</summary>
    public int RowBytesMax { get; init; } = 256 << 10;

    /// <summary>From how many bytes on the texts and lists of a row are compressed (LZ4) where they are stored; <see cref="int.MaxValue"/> for never.</summary>
    public int CompressedFromBytes { get; init; } = 1 << 10;

    /// <summary>
    /// How long a deletion is remembered, by the times of events: an older row that comes after it stays deleted. Compaction forgets deletions that lie further
    /// behind the store's newest event; of an entity whose rows come later than that, they may come back.
    /// </summary>
    public TimeSpan DeletionsKept { get; init; } = TimeSpan.FromDays(30);

    /// <summary>
    /// How far the time of a read may lie behind the store's newest event. Compaction drops a row whose time to live no such read can find
    /// it within; a read further behind may find it missing.
    /// </summary>
    public TimeSpan ReadsBehindMax { get; init; } = TimeSpan.FromDays(1);

    /// <summary>What is on disk, and when.</summary>
    public StoreDurability Durability { get; init; } = StoreDurability.Checkpoints;

    /// <summary>With <see cref="StoreDurability.PeriodicCheckpoints"/>: the time from one checkpoint's end to the next one's begin, at most a day.</summary>
    public TimeSpan CheckpointPeriod { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// With <see cref="StoreDurability.Journal"/>: most bytes of the journal since the last checkpoint. Past half of it the store makes a checkpoint, which empties
    /// the journal; a push past the whole is refused until that is done.
    /// </summary>
    public long JournalBytesMax { get; init; } = 1L << 30;

    /// <summary>
    /// With <see cref="StoreDurability.Journal"/>: one page of the journal, in bytes; a power of two. The largest event or row has to fit into one. Four are in memory, and a file has
    /// sixteen. A folder keeps the size that it was made with.
    /// </summary>
    public long JournalPageBytes { get; init; } = 4L << 20;

    /// <summary>
    /// Told when a checkpoint that the store made of its own has failed, on the thread that made it; see also <see cref="OnlineStore.CheckpointFailure"/>. It is tried again
    /// after <see cref="CheckpointPeriod"/>.
    /// </summary>
    public Action<Exception>? CheckpointFailed { get; init; }

    /// <summary>The clock of what the store does of its own.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Most readers that may be open at once.</summary>
    public int ReadersMax { get; init; } = 1024;

    /// <summary>Most writers that may be open at once.</summary>
    public int WritersMax { get; init; } = 64;

    /// <summary>How long closing waits for reads, pushes and checkpoints that are under way.</summary>
    public TimeSpan CloseWaitMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Stands between the journal and its files.</summary>
    internal Func<IDevice, IDevice>? JournalDevice { get; init; }

    /// <summary>Checks the sizes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is no power of two, too small, or does not go with another.</exception>
    public void Validate()
    {
        Check(MemoryBytes, 1 << 16, nameof(MemoryBytes));
        Check(PageBytes, 1 << 12, nameof(PageBytes));
        Check(SegmentBytes, 1 << 12, nameof(SegmentBytes));
        Check(IndexBytes, 1 << 10, nameof(IndexBytes));
        Require(PageBytes <= Math.Min(MemoryBytes / 4, PageBytesMax), PageBytes, nameof(PageBytes), $"expected at most a quarter of {nameof(MemoryBytes)} ({MemoryBytes}), and {PageBytesMax}");
        Require(SegmentBytes >= PageBytes, SegmentBytes, nameof(SegmentBytes), $"expected at least {nameof(PageBytes)} ({PageBytes})");

        // Half of it has to be more than what is never compacted: the part in memory that still changes, and a file begun.
        var least = 4 * Math.Max(MemoryBytes, SegmentBytes);
        Require(LogBytesMax >= least, LogBytesMax, nameof(LogBytesMax), $"expected at least four times the larger of {nameof(MemoryBytes)} and {nameof(SegmentBytes)}, {least}");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(RowBytesMax);
        ArgumentOutOfRangeException.ThrowIfNegative(CompressedFromBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(DeletionsKept, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReadsBehindMax, TimeSpan.Zero);
        Require(Enum.IsDefined(Durability), Durability, nameof(Durability), "expected one of the enumeration");
        Require(CheckpointPeriod > TimeSpan.Zero && CheckpointPeriod <= TimeSpan.FromDays(1), CheckpointPeriod, nameof(CheckpointPeriod), "expected more than nothing and at most a day");
        Check(JournalPageBytes, 1 << 12, nameof(JournalPageBytes));
        Require(JournalPageBytes <= PageBytesMax, JournalPageBytes, nameof(JournalPageBytes), $"expected at most {PageBytesMax}");
        var leastJournal = 2 * JournalLayout.FilePages * JournalPageBytes;
        Require(JournalBytesMax >= leastJournal, JournalBytesMax, nameof(JournalBytesMax), $"expected at least {2 * JournalLayout.FilePages} times {nameof(JournalPageBytes)}, {leastJournal}");
        ArgumentNullException.ThrowIfNull(TimeProvider);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ReadersMax);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(WritersMax);
        Require(CloseWaitMax >= TimeSpan.Zero && CloseWaitMax.TotalMilliseconds <= int.MaxValue, CloseWaitMax, nameof(CloseWaitMax), $"expected 0 to {int.MaxValue} milliseconds");
    }

    private static void Check(long value, long least, string name) =>
        Require(value >= least && BitOperations.IsPow2(value), value, name, $"expected a power of two of at least {least}");

    private static void Require<T>(bool holds, T value, string name, string expected)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(name, value, expected);
        }
    }
}
