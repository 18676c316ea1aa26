namespace Mlp.Features;

/// <summary>What of an online store is on disk, and when.</summary>
public enum StoreDurability
{
    /// <summary>Only what a checkpoint holds that was asked for: what came after the last one is gone with the process.</summary>
    Checkpoints,

    /// <summary>The store makes a checkpoint of its own every <see cref="OnlineStoreOptions.CheckpointPeriod"/>, if something has changed: what came after the last one is gone with the process.</summary>
    PeriodicCheckpoints,

    /// <summary>
    /// Every push, put and deletion is written to a journal beside the log, and <see cref="OnlineStore.CommitAsync"/> returns when all that came before it is on disk.
    /// Opening the store goes back to its last checkpoint and repeats the journal.
    /// </summary>
    Journal,
}
