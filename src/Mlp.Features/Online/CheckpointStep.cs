namespace Mlp.Features;

/// <summary>The steps of a checkpoint, in their order: where a test may look in, or a process may be killed.</summary>
internal enum CheckpointStep
{
    /// <summary>The log was compacted, if it had to be.</summary>
    Compacted,

    /// <summary>No one can push, and what the checkpoint will hold is decided.</summary>
    Decided,

    /// <summary>A reader is in the middle of a read, which keeps the version open a little longer. May come many times, or not at all.</summary>
    Closing,

    /// <summary>The version of the checkpoint is closed; pushes go on.</summary>
    VersionClosed,

    /// <summary>The whole state is on disk; the manifest names the last one still.</summary>
    OnDisk,

    /// <summary>The manifest names it.</summary>
    Named,

    /// <summary>What it replaces is gone.</summary>
    Removed,
}
