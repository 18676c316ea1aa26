using Mlp.Core;

namespace Mlp.Inference;

/// <content>One load after the other.</content>
public sealed partial class ModelHost
{
    private async Task<HostedModel> LoadOneAsync(ModelPackage package, ModelOrigin origin, string? version, HostedModel? only, CancellationToken cancellationToken)
    {
        origin.Options.Validate();
        var name = origin.Options.Name ?? package.Manifest.Name;
        await _oneLoad.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            BeginLoad(name);
            return await PrepareAsync(name, package, origin, version, only, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _loading.Remove(name);
            }

            _oneLoad.Release();
        }
    }

    // Where a load is for one model only, a model that is taken away meanwhile stays away.
    private async Task<HostedModel> PrepareAsync(string name, ModelPackage package, ModelOrigin origin, string? version, HostedModel? only, CancellationToken cancellationToken)
    {
        HostedModel? hosted;
        lock (_gate)
        {
            _models.TryGetValue(name, out hosted);
        }

        if (only is not null && hosted != only)
        {
            throw InferenceErrors.IsClosed(name);
        }

        try
        {
            return await LoadInTimeAsync(name, package, origin, version, hosted, mayAdd: only is null, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            hosted?.LoadFailed(e.Message);
            throw;
        }
    }

    private async Task<HostedModel> LoadInTimeAsync(string name, ModelPackage package, ModelOrigin origin, string? version, HostedModel? hosted, bool mayAdd, CancellationToken cancellationToken)
    {
        var timeout = origin.Options.LoadTimeout;
        using var late = new CancellationTokenSource(timeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _ending.Token, cancellationToken);
        try
        {
            await MakeRoomAsync(name, ModelLoading.MemoryBytes(package, origin.Options), either.Token).ConfigureAwait(false);

            // Preparing a model takes all of a core for a while: not on the caller's thread, which may be one that serves.
            return await Task.Run(() => LoadAsync(name, package, origin, version, hosted, mayAdd, either.Token), CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (_ending.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Ended(name, e);
        }
        catch (OperationCanceledException e) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new MlpException(InferenceErrors.LoadTimeout, $"'{name}' was not ready within HostedModelOptions.LoadTimeout, {timeout}.{Holders()}", e);
        }
    }

    private static ObjectDisposedException Ended(string name, Exception cause) => new($"The host was disposed while '{name}' was loaded.", cause);

    private void BeginLoad(string name)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_models.ContainsKey(name))
            {
                return;
            }

            if (_models.Count >= _options.ModelsMax)
            {
                throw new MlpException(ErrorCodes.LimitReached, $"The host has {_models.Count} models, of at most {_options.ModelsMax}; '{name}' was not loaded.");
            }

            _loading.Add(name);
        }
    }

    private async Task<HostedModel> LoadAsync(string name, ModelPackage package, ModelOrigin origin, string? versionName, HostedModel? hosted, bool mayAdd, CancellationToken cancellationToken)
    {
        var options = origin.Options;
        options = options with { Batching = options.Batching with { Slots = options.Batching.Slots ?? _options.Slots } };
        if (hosted is not null && hosted.Layout.FloatOutput(options.Output) != hosted.OutputIndex)
        {
            throw new MlpException(InferenceErrors.SignatureChanged, $"The new version of '{name}' would answer with the output '{options.Output}'; the active one answers with '{hosted.Layout.Outputs[hosted.OutputIndex].Name}'.");
        }

        var (version, layout) = await ModelLoading.LoadAsync(package, name, options with { Version = options.Version ?? versionName }, _options, hosted, cancellationToken).ConfigureAwait(false);
        try
        {
            // A manifest does not say all of it: outputs whose rows only the runtime knows.
            await MakeRoomAsync(name, version.MemoryBytes, cancellationToken).ConfigureAwait(false);
            lock (_gate)
            {
                // It may have been unloaded while its next version was prepared.
                if (hosted is not null && _models.ContainsKey(name))
                {
                    var before = hosted.Origin;
                    var active = hosted.Swap(version, package, origin);
                    _leaving.Add(active);
                    Follow(EndAsync(active, before == origin ? null : before));
                    return hosted;
                }

                return mayAdd
                    ? _models[name] = new HostedModel(name, package, layout, layout.FloatOutput(options.Output), version, origin, _options.MemoryBytesMax is null ? null : _options.TimeProvider)
                    : throw InferenceErrors.IsClosed(name);
            }
        }
        catch
        {
            await version.UnloadAsync().ConfigureAwait(false);
            throw;
        }
    }

    // What the host's disposal waits for.
    private void Follow(Task unloading)
    {
        lock (_gate)
        {
            _unloading.RemoveAll(static task => task.IsCompletedSuccessfully);
            _unloading.Add(unloading);
        }
    }

    private static async Task EndAsync(ModelVersion? version, ModelOrigin? origin)
    {
        if (version is not null)
        {
            await version.UnloadAsync().ConfigureAwait(false);
        }

        origin?.DeleteOwned();
    }
}
