namespace Mlp.Inference;

/// <summary>A version of a hosted model: what is known about it, and when it is gone.</summary>
public sealed class ModelVersion
{
    private readonly TaskCompletionSource _unloaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Lock _gate = new();
    private Task? _unloading;

    internal ModelVersion(string model, string version, string digest, IPreparedModel prepared, DynamicBatcher batcher, BucketSet? buckets, DateTimeOffset loadedAt, TimeSpan loadTime, long memoryBytes)
    {
        Model = model;
        MemoryBytes = memoryBytes;
        HostMetrics.Loaded(model, version, loadTime, memoryBytes);
        Version = version;
        Digest = digest;
        Runtime = prepared.Runtime;
        RuntimeReason = prepared.Reason;
        TakesDeviceTensors = prepared.TakesDeviceTensors;
        LoadedAt = loadedAt;
        LoadTime = loadTime;
        Batcher = batcher;
        Buckets = buckets;
    }

    /// <summary>The version's name.</summary>
    public string Version { get; }

    /// <summary>The package's digest.</summary>
    public string Digest { get; }

    /// <summary>What runs it.</summary>
    public string Runtime { get; }

    /// <summary>Why that runs it.</summary>
    public string RuntimeReason { get; }

    /// <summary>The sizes that its batches are filled to: those of the options, or the ones that were measured best at load; none for any.</summary>
    public IReadOnlyList<int> PreferredBatchRows => Batcher.PreferredBatchRows;

    /// <summary>When it was ready.</summary>
    public DateTimeOffset LoadedAt { get; }

    /// <summary>How long preparing and warming it took.</summary>
    public TimeSpan LoadTime { get; }

    /// <summary>What it takes: the model file and the batches' buffers. A runtime's own structures come on top.</summary>
    public long MemoryBytes { get; }

    /// <summary>
    /// Completes when the last request left and the memory was let go. A run that does not end within <see cref="BatchingOptions.DrainTimeout"/> keeps the
    /// model: <see cref="ModelHost.UnloadAsync"/> then returns, and this completes when the run comes back.
    /// </summary>
    public Task Unloaded => _unloaded.Task;

    /// <summary>Completes when the time to drain is over; where <see cref="Unloaded"/> has not completed by then, a run outlasts it.</summary>
    internal Task Drained => _drained.Task;

    /// <summary>The model's name.</summary>
    internal string Model { get; }

    internal bool TakesDeviceTensors { get; }

    internal DynamicBatcher Batcher { get; }

    /// <summary>Batches by length; null where there are none.</summary>
    internal BucketSet? Buckets { get; }

    /// <summary>Unloads it, once; who asks again waits for the same end: nothing is accepted any more, and what was is answered or has failed.</summary>
    internal Task UnloadAsync()
    {
        lock (_gate)
        {
            return _unloading ??= UnloadOnceAsync();
        }
    }

    private async Task UnloadOnceAsync()
    {
        // Side by side: their time to drain is one and the same.
        await Task.WhenAll(Batcher.DisposeAsync().AsTask(), Buckets?.DisposeAsync().AsTask() ?? Task.CompletedTask).ConfigureAwait(false);
        var released = Task.WhenAll(Batcher.Released, Buckets?.Released ?? Task.CompletedTask);
        if (released.IsCompleted)
        {
            Gone();
        }
        else
        {
            // A run that outlasted its time: the memory is there until it comes back, and nobody waits that long.
            _ = released.ContinueWith(static (_, version) => ((ModelVersion)version!).Gone(), this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        _drained.TrySetResult();
    }

    private void Gone()
    {
        HostMetrics.Unloaded(Model, Version, MemoryBytes);
        _unloaded.TrySetResult();
    }
}
