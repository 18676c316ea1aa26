using System.Diagnostics.CodeAnalysis;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Loads model packages, keeps them answering, swaps their versions and unloads them. Safe for all threads.</summary>
public sealed partial class ModelHost : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ModelHostOptions _options;
    private readonly SortedDictionary<string, HostedModel> _models = new(StringComparer.Ordinal);
    private readonly HashSet<string> _loading = new(StringComparer.Ordinal);
    private readonly List<Task> _unloading = [];
    private readonly SemaphoreSlim _oneLoad = new(1, 1);
    private readonly List<ModelWatch> _watches = [];

    // Ends the loads that are under way when the host is disposed.
    private readonly CancellationTokenSource _ending = new();
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
    /// <param name="cancellationToken">Gives up waiting for another load, and ends this one where the runtime can end what is under way.</param>
    /// <returns>The model: the same object for all its versions.</returns>
    /// <exception cref="MlpException">The model cannot be read or run, fails its golden examples (<see cref="InferenceErrors.GoldenFailed"/>), its signature differs from the version before (<see cref="InferenceErrors.SignatureChanged"/>), or the host is full (<see cref="ErrorCodes.LimitReached"/>).</exception>
    public Task<HostedModel> LoadAsync(ModelPackage package, HostedModelOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(package);
        return LoadOneAsync(package, new ModelOrigin(new OnePackage(package), options ?? new HostedModelOptions()), version: null, only: null, cancellationToken);
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

    /// <summary>Takes a model away: new requests are refused, those that were accepted are answered, then its memory is let go.
    /// Returns after <see cref="BatchingOptions.DrainTimeout"/> at the latest, its callers all answered; <see cref="ModelVersion.Unloaded"/> says when the memory is gone.</summary>
    /// <returns>False where there is none of that name.</returns>
    public async Task<bool> UnloadAsync(string name)
    {
        Task unloading;
        lock (_gate)
        {
            if (!_models.Remove(name, out var model))
            {
                return false;
            }

            var active = model.Retire();
            _leaving.Add(active);
            Follow(unloading = EndAsync(active, model.Origin));
            foreach (var watch in _watches.FindAll(watch => watch.Model == model))
            {
                _watches.Remove(watch);
                Follow(watch.EndAsync());
            }
        }

        await unloading.ConfigureAwait(false);
        return true;
    }

    /// <summary>Stops all watches, ends the load that is under way where the runtime can end it, and unloads all models.</summary>
    public async ValueTask DisposeAsync()
    {
        ModelWatch[] watches;
        lock (_gate)
        {
            _disposed = true;
            watches = [.. _watches];
        }

        await _ending.CancelAsync().ConfigureAwait(false);
        foreach (var watch in watches)
        {
            await watch.DisposeAsync().ConfigureAwait(false);
        }

        // A load that could not be ended comes to its end first; its model is then unloaded with the others.
        await _oneLoad.WaitAsync().ConfigureAwait(false);
        try
        {
            Task[] unloading;
            lock (_gate)
            {
                foreach (var model in _models.Values)
                {
                    _unloading.Add(EndAsync(model.Retire(), model.Origin));
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
}
