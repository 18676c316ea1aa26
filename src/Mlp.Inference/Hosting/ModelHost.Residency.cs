using Mlp.Core;

namespace Mlp.Inference;

/// <content>Which models have memory, where there is not enough for all.</content>
public sealed partial class ModelHost
{
    private readonly LeavingVersions _leaving = new();
    private long _evictions;
    private long _reloads;

    /// <summary>Memory of the models that answer, and of those that were unloaded until their last run came back, as <see cref="ModelVersion.MemoryBytes"/> counts it.</summary>
    public long ResidentBytes
    {
        get
        {
            lock (_gate)
            {
                return Resident(except: null, out _) + _leaving.Bytes;
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
            model = Get(model.Name);
            if (model.IsLoaded)
            {
                return model;
            }

            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
            }

            var origin = model.Origin;
            var (found, package) = await FetchAsync(model.Name, origin.Source, cancellationToken).ConfigureAwait(false);
            var again = await PrepareAsync(model.Name, package, origin, found.Version, model, cancellationToken).ConfigureAwait(false);
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
    private async Task MakeRoomAsync(string name, long bytes, CancellationToken cancellationToken)
    {
        if (_options.MemoryBytesMax is not { } most)
        {
            return;
        }

        if (bytes > most)
        {
            throw new MlpException(ErrorCodes.LimitReached, $"The model '{name}' needs {bytes} bytes, more than the {most} that the host may take for all models.");
        }

        var began = _options.TimeProvider.GetTimestamp();
        while (true)
        {
            Task change;
            ModelVersion? evicted;
            lock (_gate)
            {
                if (Resident(name, out var oldest) + _leaving.Bytes + bytes <= most)
                {
                    return;
                }

                evicted = WouldMakeRoom(name, bytes, most) ? oldest?.Retire() : null;
                change = evicted is null ? _leaving.NextChange() : Task.CompletedTask;
                _leaving.Add(evicted);
            }

            if (evicted is not null)
            {
                Interlocked.Increment(ref _evictions);
                HostMetrics.Evicted(evicted.Model, evicted.Version);
                Follow(EndAsync(evicted, origin: null));
            }

            await WaitForRoomAsync(change, began, name, bytes, cancellationToken).ConfigureAwait(false);
        }
    }

    // Not where those that leave in their time are enough, and not where the runs that outlast it leave too little in any case.
    private bool WouldMakeRoom(string name, long bytes, long most)
    {
        var kept = _leaving.OverdueBytes + bytes;
        return kept <= most && Resident(name, out _) + kept > most;
    }

    private async Task WaitForRoomAsync(Task change, long began, string name, long bytes, CancellationToken cancellationToken)
    {
        var left = _options.RoomTimeout - _options.TimeProvider.GetElapsedTime(began);
        try
        {
            await change.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new MlpException(ErrorCodes.LimitReached, $"The model '{name}' needs {bytes} bytes of the {_options.MemoryBytesMax} that the host may take for all models, and did not get them within ModelHostOptions.RoomTimeout, {_options.RoomTimeout}.{Holders()}", e);
        }
    }

    /// <summary>Who holds memory and does not answer any more; empty for nobody, or where nothing depends on it.</summary>
    private string Holders()
    {
        lock (_gate)
        {
            return _options.MemoryBytesMax is null ? "" : _leaving.ToString();
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
