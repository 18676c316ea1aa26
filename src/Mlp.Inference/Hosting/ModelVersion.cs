namespace Mlp.Inference;

/// <summary>A version of a hosted model: what is known about it, and when it is gone.</summary>
public sealed class ModelVersion
{
    private readonly TaskCompletionSource _unloaded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal ModelVersion(string version, string digest, IPreparedModel model, DynamicBatcher batcher, DateTimeOffset loadedAt, TimeSpan loadTime)
    {
        Version = version;
        Digest = digest;
        Runtime = model.Runtime;
        RuntimeReason = model.Reason;
        LoadedAt = loadedAt;
        LoadTime = loadTime;
        Batcher = batcher;
    }

    /// <summary>The version's name.</summary>
    public string Version { get; }

    /// <summary>The package's digest.</summary>
    public string Digest { get; }

    /// <summary>What runs it.</summary>
    public string Runtime { get; }

    /// <summary>Why that runs it.</summary>
    public string RuntimeReason { get; }

    /// <summary>When it was ready.</summary>
    public DateTimeOffset LoadedAt { get; }

    /// <summary>How long preparing and warming it took.</summary>
    public TimeSpan LoadTime { get; }

    /// <summary>Completes when the last request left and the memory was let go.</summary>
    public Task Unloaded => _unloaded.Task;

    internal DynamicBatcher Batcher { get; }

    internal async Task UnloadAsync()
    {
        await Batcher.DisposeAsync().ConfigureAwait(false);
        _unloaded.TrySetResult();
    }
}
