using System.Diagnostics.CodeAnalysis;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Loads model packages, keeps them answering, swaps their versions and unloads them. Safe for all threads.</summary>
public sealed class ModelHost : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ModelHostOptions _options;
    private readonly SortedDictionary<string, HostedModel> _models = new(StringComparer.Ordinal);
    private readonly HashSet<string> _loading = new(StringComparer.Ordinal);
    private readonly List<Task> _unloading = [];
    private readonly SemaphoreSlim _oneLoad = new(1, 1);
    private bool _disposed;

    /// <summary>Creates an empty host.</summary>
    public ModelHost(ModelHostOptions? options = null)
    {
        _options = options ?? new ModelHostOptions();
        _options.Validate();
    }

    /// <summary>The models that answer, by name.</summary>
    public IReadOnlyList<HostedModel> Models
    {
        get
        {
            lock (_gate)
            {
                return [.. _models.Values];
            }
        }
    }

    /// <summary>Names that are being loaded and have no version yet that answers.</summary>
    public IReadOnlyList<string> Loading
    {
        get
        {
            lock (_gate)
            {
                return [.. _loading];
            }
        }
    }

    /// <summary>Whether there is a model, and none that is still being loaded for the first time.</summary>
    public bool IsReady
    {
        get
        {
            lock (_gate)
            {
                return !_disposed && _models.Count > 0 && _loading.Count == 0;
            }
        }
    }

    /// <summary>
    /// Loads a package and warms it up. If a model of the name answers already, the new version takes its place once it is ready;
    /// the old one is unloaded when its last request left. If loading fails, the old version stays.
    /// </summary>
    /// <param name="package">A verified package.</param>
    /// <param name="options">How to host it; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up waiting for another load; a load that began is finished.</param>
    /// <returns>The model: the same object for all its versions.</returns>
    /// <exception cref="MlpException">The model cannot be read or run, its signature differs from the version before (<see cref="InferenceErrors.SignatureChanged"/>), or the host is full (<see cref="ErrorCodes.LimitReached"/>).</exception>
    public async Task<HostedModel> LoadAsync(ModelPackage package, HostedModelOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(package);
        options ??= new HostedModelOptions();
        options.Validate();
        var name = options.Name ?? package.Manifest.Name;
        await _oneLoad.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            BeginLoad(name);

            // Preparing a model takes all of a core for a while: not on the caller's thread, which may be one that serves.
            return await Task.Run(() => Load(name, package, options), CancellationToken.None).ConfigureAwait(false);
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

    /// <summary>Finds a model.</summary>
    public bool TryGet(string name, [MaybeNullWhen(false)] out HostedModel model)
    {
        lock (_gate)
        {
            return _models.TryGetValue(name, out model);
        }
    }

    /// <summary>Finds a model.</summary>
    /// <exception cref="MlpException"><see cref="InferenceErrors.UnknownModel"/>: there is none of that name.</exception>
    public HostedModel Get(string name) => TryGet(name, out var model)
        ? model
        : throw new MlpException(InferenceErrors.UnknownModel, $"There is no model '{name}' here.");

    /// <summary>Takes a model away: new requests are refused, those that were accepted are answered, then its memory is let go.</summary>
    /// <returns>False where there is none of that name.</returns>
    public async Task<bool> UnloadAsync(string name)
    {
        HostedModel? model;
        lock (_gate)
        {
            if (!_models.Remove(name, out model))
            {
                return false;
            }
        }

        await model.Retire().UnloadAsync().ConfigureAwait(false);
        return true;
    }

    /// <summary>Unloads all models.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        // A load that is under way comes to its end first; its model is then unloaded with the others.
        await _oneLoad.WaitAsync().ConfigureAwait(false);
        try
        {
            Task[] unloading;
            lock (_gate)
            {
                foreach (var model in _models.Values)
                {
                    _unloading.Add(model.Retire().UnloadAsync());
                }

                _models.Clear();
                unloading = [.. _unloading];
            }

            await Task.WhenAll(unloading).ConfigureAwait(false);
        }
        finally
        {
            _oneLoad.Release();
        }
    }

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

    private HostedModel Load(string name, ModelPackage package, HostedModelOptions options)
    {
        HostedModel? hosted;
        lock (_gate)
        {
            _models.TryGetValue(name, out hosted);
        }

        ModelVersion version;
        ModelLayout layout;
        try
        {
            if (hosted is not null && hosted.Layout.FloatOutput(options.Output) != hosted.OutputIndex)
            {
                throw new MlpException(InferenceErrors.SignatureChanged, $"The new version of '{name}' would answer with the output '{options.Output}'; the active one answers with '{hosted.Layout.Outputs[hosted.OutputIndex].Name}'.");
            }

            (version, layout) = ModelLoading.Load(package, name, options, _options.TimeProvider, hosted?.Layout);
        }
        catch (Exception e)
        {
            hosted?.LoadFailed(e.Message);
            throw;
        }

        lock (_gate)
        {
            // It may have been unloaded while its next version was prepared.
            if (hosted is null || !_models.ContainsKey(name))
            {
                return _models[name] = new HostedModel(name, package, layout, layout.FloatOutput(options.Output), version);
            }

            _unloading.RemoveAll(static task => task.IsCompletedSuccessfully);
            _unloading.Add(hosted.Swap(version, package).UnloadAsync());
            return hosted;
        }
    }
}
