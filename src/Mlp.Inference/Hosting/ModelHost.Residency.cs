using Mlp.Core;

namespace Mlp.Inference;

/// <content>Which models have memory, where there is not enough for all.</content>
public sealed partial class ModelHost
{
    private long _evictions;
    private long _reloads;

    /// <summary>Memory of the models that answer, as <see cref="ModelVersion.MemoryBytes"/> counts it.</summary>
    public long ResidentBytes
    {
        get
        {
            lock (_gate)
            {
                return Resident(except: null, out _);
            }
        }
    }

    /// <summary>Models that were unloaded to make room.</summary>
    public long Evictions => Interlocked.Read(ref _evictions);

    /// <summary>Models that were loaded again because somebody asked for them.</summary>
    public long Reloads => Interlocked.Read(ref _reloads);

    /// <summary>Finds a model and, where it was unloaded to make room, loads it again from its source.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="cancellationToken">Gives up waiting, and ends what is under way where the runtime can end it.</param>
    /// <exception cref="MlpException"><see cref="InferenceErrors.UnknownModel"/>, or what loading it may throw.</exception>
    public async ValueTask<HostedModel> GetAsync(string name, CancellationToken cancellationToken = default)
    {
        var model = Get(name);
        model.Touch();
        return model.IsLoaded ? model : await ReloadAsync(model, cancellationToken).ConfigureAwait(false);
    }

    private async Task<HostedModel> ReloadAsync(HostedModel model, CancellationToken cancellationToken)
    {
        await _oneLoad.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Somebody who waited before this one may have loaded it, or taken it away.
            if (Get(model.Name) is { IsLoaded: true } loaded)
            {
                return loaded;
            }

            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
            }

            var origin = model.Origin;
            var (found, package) = await FetchAsync(model.Name, origin.Source, cancellationToken).ConfigureAwait(false);
            var again = await PrepareAsync(model.Name, package, origin, found.Version, cancellationToken).ConfigureAwait(false);
            Interlocked.Increment(ref _reloads);
            HostMetrics.Reloaded(again.Name, again.Version.Version);
            return again;
        }
        finally
        {
            _oneLoad.Release();
        }
    }

    // The host's disposal waits for the load that is under way, so it ends also what that load waits for.
    private async Task<(PackageVersion Version, ModelPackage Package)> FetchAsync(string name, IPackageSource source, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token, cancellationToken);
        try
        {
            var found = await source.ResolveAsync(either.Token).ConfigureAwait(false);
            return (found, await source.OpenAsync(found, either.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException e) when (_ending.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Ended(name, e);
        }
    }

    // Only loads take memory, and there is one load at a time: what is free here stays free until this load took it.
    private async Task MakeRoomAsync(string name, long bytes)
    {
        if (_options.MemoryBytesMax is not { } most)
        {
            return;
        }

        if (bytes > most)
        {
            throw new MlpException(ErrorCodes.LimitReached, $"The model '{name}' needs {bytes} bytes, more than the {most} that the host may take for all models.");
        }

        while (true)
        {
            ModelVersion? version;
            lock (_gate)
            {
                if (Resident(name, out var oldest) + bytes <= most)
                {
                    return;
                }

                version = oldest!.Retire();
            }

            if (version is not null)
            {
                Interlocked.Increment(ref _evictions);
                HostMetrics.Evicted(version.Model, version.Version);
                await version.UnloadAsync().ConfigureAwait(false);
            }
        }
    }

    private long Resident(string? except, out HostedModel? oldest)
    {
        long bytes = 0;
        oldest = null;
        foreach (var model in _models.Values)
        {
            if (model.IsLoaded && model.Name != except)
            {
                bytes += model.Version.MemoryBytes;
                oldest = oldest is null || model.LastUsed < oldest.LastUsed ? model : oldest;
            }
        }

        return bytes;
    }
}
