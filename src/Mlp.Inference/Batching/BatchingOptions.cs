namespace Mlp.Inference;

/// <summary>How requests become batches. All bounds count rows.</summary>
public sealed record BatchingOptions
{
    /// <summary>Largest batch.</summary>
    public int BatchRowsMax { get; init; } = 64;

    /// <summary>Most rows that wait while all instances are busy; a request that would exceed it is refused at once.</summary>
    public int QueueRowsMax { get; init; } = 1024;

    /// <summary>
    /// Most memory for all batches, those that wait and those that run, taken at load. Where rows are large, <see cref="BatchRowsMax"/>,
    /// <see cref="QueueRowsMax"/> and the levels' bounds are lowered to what fits; the least is a batch of one row to run for each instance and one
    /// to wait for each level. <see cref="BulkRowsMax"/> is lowered to blocks of which all instances' take no more than this again. Strings and the
    /// values of whole calls are not counted.
    /// </summary>
    public long BatchBytesMax { get; init; } = 256L << 20;

    /// <summary>Batches that run at the same time, each with a session of its own; 0 for one a core.</summary>
    public int Instances { get; init; }

    /// <summary>Slots that this model's batches share with those of other models that were given the same ones; null for a core to each instance.</summary>
    public RunSlots? Slots { get; init; }

    /// <summary>This model's part of <see cref="Slots"/>' time, beside the weights of the others, while all of them have work.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Largest batch of the synchronous bulk call, which runs on the caller's thread.</summary>
    public int BulkRowsMax { get; init; } = 256;

    /// <summary>
    /// How long an idle instance leaves a batch to grow, counted from its oldest row; it runs sooner once it has the smallest of
    /// <see cref="PreferredBatchRows"/>, or where there is none <see cref="BatchRowsMax"/>. Zero, the default, takes at once what is there.
    /// </summary>
    public TimeSpan DelayMax { get; init; }

    /// <summary>
    /// Sizes that the model runs best at: batches are filled to the largest of them that what is on its way gives. Empty for any; null,
    /// the default, has them measured at load where the runtime binds sizes and <see cref="DelayMax"/> is zero.
    /// </summary>
    public IReadOnlyList<int>? PreferredBatchRows { get; init; }

    /// <summary>
    /// The time from a request to its answer that 99 of 100 requests are to stay under. Batches and the queue then become as large as
    /// that allows, within <see cref="BatchRowsMax"/> and <see cref="QueueRowsMax"/>, and what is beyond is refused at once. Null for no objective.
    /// </summary>
    public TimeSpan? LatencyObjective { get; init; }

    /// <summary>Levels of priority, the first one served first; empty for one level of <see cref="QueueRowsMax"/> rows. A request names its level in <see cref="RequestOptions.Priority"/>.</summary>
    public IReadOnlyList<PriorityLevel> Levels { get; init; } = [];

    /// <summary>How long a request may take that states no deadline of its own; null for as long as it needs.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>
    /// How long a caller's code may hold the thread that brings it its answer. After that the answers of the others, and the
    /// instance, go to another thread. Deadlines are looked at as often.
    /// </summary>
    public int ContinuationMsMax { get; init; } = 10;

    /// <summary>How long disposal waits for what was accepted; after that the rest fails.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    internal int LevelCount => Math.Max(1, Levels.Count);

    internal int QueueRowsMaxOf(int level) => Levels.Count == 0 ? QueueRowsMax : Levels[level].QueueRowsMax;

    internal TimeSpan? DeadlineOf(int level) => Levels.Count == 0 ? Deadline : Levels[level].Deadline ?? Deadline;

    /// <summary>The number of instances that is meant.</summary>
    internal int InstanceCount => Instances == 0 ? Environment.ProcessorCount : Instances;

    /// <summary>The options for a model: within the rows that its file fixes, and within <see cref="BatchBytesMax"/>.</summary>
    internal BatchingOptions For(ModelLayout layout)
    {
        // A batch runs, or waits, for each instance and level, and each level has one that is only begun.
        var rowsFit = BatchBytesMax / Math.Max(1, layout.RowBytes);
        var rowsMax = !layout.IsBatched ? 1
            : layout.BatchRows > 0 ? layout.BatchRows
            : (int)Math.Clamp(rowsFit / (InstanceCount + (2 * LevelCount)), 1, BatchRowsMax);
        var waiting = (int)Math.Clamp((rowsFit / rowsMax) - InstanceCount - LevelCount, LevelCount, 1 << 20) / LevelCount;
        var queueRows = (int)Math.Min((long)waiting * rowsMax, 1 << 20);
        return this with
        {
            BatchRowsMax = rowsMax,
            BulkRowsMax = layout.BatchRows > 0 ? layout.BatchRows : (int)Math.Clamp(rowsFit / InstanceCount, 1, BulkRowsMax),
            PreferredBatchRows = rowsMax == BatchRowsMax ? PreferredBatchRows : PreferredBatchRows is null && layout is { IsBatched: true, BatchRows: 0 } ? null : [],
            QueueRowsMax = Math.Min(QueueRowsMax, queueRows),
            Levels = LevelsOf(queueRows),
        };
    }

    /// <summary>What the buffers of all batches of a model take.</summary>
    internal long MemoryBytes(ModelLayout layout)
    {
        var options = For(layout);
        return layout.RowBytes * options.BatchRowsMax * new BatchRules(options, TimeProvider.System).Batches;
    }

    private PriorityLevel[] LevelsOf(int queueRowsMax)
    {
        var levels = new PriorityLevel[Levels.Count];
        for (var i = 0; i < levels.Length; i++)
        {
            levels[i] = Levels[i] with { QueueRowsMax = Math.Min(Levels[i].QueueRowsMax, queueRowsMax) };
        }

        return levels;
    }

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A bound is not what it may be.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BatchRowsMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BatchRowsMax, 1 << 16);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(QueueRowsMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(QueueRowsMax, 1 << 20);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BatchBytesMax);
        ArgumentOutOfRangeException.ThrowIfNegative(Instances);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Instances, 1024);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BulkRowsMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BulkRowsMax, 1 << 16);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ContinuationMsMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(DrainTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(Weight, 1e-3);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Weight, 1e3);
        ArgumentOutOfRangeException.ThrowIfLessThan(DelayMax, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(DelayMax, TimeSpan.FromMinutes(1));
        foreach (var rows in PreferredBatchRows ?? [])
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows, nameof(PreferredBatchRows));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, BatchRowsMax, nameof(PreferredBatchRows));
        }

        if (LatencyObjective is { } objective)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(objective, DelayMax, nameof(LatencyObjective));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(objective, TimeSpan.FromHours(1), nameof(LatencyObjective));
        }

        ArgumentNullException.ThrowIfNull(Levels);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Levels.Count, PriorityLevel.CountMax, nameof(Levels));
        foreach (var level in Levels)
        {
            ArgumentNullException.ThrowIfNull(level, nameof(Levels));
            level.Validate();
        }

        if (double.IsNaN(Weight))
        {
            throw new ArgumentOutOfRangeException(nameof(Weight), Weight, "A weight is a number.");
        }

        if (Deadline is { } deadline)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(deadline, TimeSpan.Zero, nameof(Deadline));
        }
    }
}
