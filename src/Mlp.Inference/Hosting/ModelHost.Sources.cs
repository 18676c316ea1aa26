using Mlp.Core;

namespace Mlp.Inference;

/// <content>Packages that come from elsewhere.</content>
public sealed partial class ModelHost
{
    /// <summary>Loads a package that comes as a zip file, as <see cref="PackageArchive.Write"/> makes it. It is unpacked below the temporary folder and deleted with its version.</summary>
    /// <param name="archive">Read to its end before the call returns the task's result.</param>
    /// <param name="options">How to host it; null for the defaults.</param>
    /// <param name="limits">What to accept; null for <see cref="PackageLimits.Default"/>.</param>
    /// <param name="cancellationToken">Gives up waiting for another load, and ends what is under way where the runtime can end it.</param>
    /// <exception cref="PackageException">The archive is no package, or exceeds a limit.</exception>
    /// <exception cref="MlpException">See the other overload.</exception>
    public async Task<HostedModel> LoadAsync(Stream archive, HostedModelOptions? options = null, PackageLimits? limits = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(archive);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
        }

        // A folder of its own: whatever becomes of the host while the stream comes, nobody else deletes it.
        var folder = Directory.CreateTempSubdirectory("mlp-host-").FullName;
        try
        {
            var package = await Task.Run(() => PackageArchive.Extract(archive, Path.Combine(folder, "package"), limits: limits), cancellationToken).ConfigureAwait(false);
            var origin = new ModelOrigin(new OnePackage(package), options ?? new HostedModelOptions(), folder);
            return await LoadOneAsync(package, origin, version: null, only: null, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>Loads what a source has at the moment.</summary>
    /// <param name="source">The source; asked again where the model was unloaded to make room.</param>
    /// <param name="options">How to host it; null for the defaults. Where it names no version, the source's name of it is taken.</param>
    /// <param name="cancellationToken">Gives up waiting for another load, and ends what is under way where the runtime can end it.</param>
    /// <exception cref="MlpException">What the source throws; see the other overload.</exception>
    public async Task<HostedModel> LoadAsync(IPackageSource source, HostedModelOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var version = await source.ResolveAsync(cancellationToken).ConfigureAwait(false);
        return await LoadAsync(source, version, options ?? new HostedModelOptions(), only: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Loads what a source has, and its next versions as they appear: each takes its place once it is ready and passed its golden examples.</summary>
    /// <param name="source">The source.</param>
    /// <param name="options">How to host it; null for the defaults.</param>
    /// <param name="watch">How often to look; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up the first load.</param>
    /// <returns>The watch, which lasts until it or the host is disposed, or the model is unloaded.</returns>
    /// <exception cref="MlpException">The first version does not load; see the other overloads.</exception>
    public async Task<ModelWatch> WatchAsync(IPackageSource source, HostedModelOptions? options = null, WatchOptions? watch = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= new HostedModelOptions();
        watch ??= new WatchOptions();
        watch.Validate();
        var model = await LoadAsync(source, options, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var started = new ModelWatch(this, model, source, options with { Name = model.Name }, watch, _options.TimeProvider);
            _watches.Add(started);
            return started;
        }
    }

    internal async Task<HostedModel> LoadAsync(IPackageSource source, PackageVersion version, HostedModelOptions options, HostedModel? only, CancellationToken cancellationToken)
    {
        var package = await source.OpenAsync(version, cancellationToken).ConfigureAwait(false);
        return await LoadOneAsync(package, new ModelOrigin(source, options), version.Version, only, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Watches that look at their sources.</summary>
    internal int WatchCount
    {
        get
        {
            lock (_gate)
            {
                return _watches.Count;
            }
        }
    }

    internal bool Has(HostedModel model) => TryGet(model.Name, out var found) && found == model;

    internal void Forget(ModelWatch watch)
    {
        lock (_gate)
        {
            _watches.Remove(watch);
        }
    }
}
