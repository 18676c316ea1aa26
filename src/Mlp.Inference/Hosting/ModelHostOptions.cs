namespace Mlp.Inference;

/// <summary>Bounds and clock of a host.</summary>
public sealed record ModelHostOptions
{
    /// <summary>Most models at once.</summary>
    public int ModelsMax { get; init; } = 1024;

    /// <summary>
    /// Memory for all models, as <see cref="ModelVersion.MemoryBytes"/> counts it; beyond it the models that were not used for the longest time
    /// are unloaded, and loaded again when <see cref="ModelHost.GetAsync"/> asks for them. Null for no limit. While a version takes another
    /// one's place both are there. What was unloaded counts until its last run came back.
    /// </summary>
    public long? MemoryBytesMax { get; init; }

    /// <summary>
    /// How long a load waits for the memory of models that were unloaded, those that make room for it among them, where
    /// <see cref="MemoryBytesMax"/> leaves it too little: runs that outlast their <see cref="BatchingOptions.DrainTimeout"/> keep it.
    /// </summary>
    public TimeSpan RoomTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Places in which the batches of all models run that have no <see cref="BatchingOptions.Slots"/> of their own: none of them takes a core from the others. Null for a core to each instance.</summary>
    public RunSlots? Slots { get; init; }

    /// <summary>
    /// Size of the pool of threads that all models of the process share whose <see cref="OnnxRuntimeOptions.IntraOpThreads"/> is more than 1; they sleep
    /// while there is nothing to do. 0 for one a core, 1 for no pool, so that each model has threads of its own. ONNX Runtime takes the pool once:
    /// the first load of the process decides.
    /// </summary>
    public int SharedThreads { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Checks the options.</summary>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ModelsMax);
        ArgumentNullException.ThrowIfNull(TimeProvider);
        ArgumentOutOfRangeException.ThrowIfLessThan(RoomTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RoomTimeout, TimeSpan.FromDays(1));
        ArgumentOutOfRangeException.ThrowIfNegative(SharedThreads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SharedThreads, 1024);
        if (MemoryBytesMax is { } most)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most, nameof(MemoryBytesMax));
        }
    }
}
