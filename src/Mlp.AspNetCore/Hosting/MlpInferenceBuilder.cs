using Microsoft.Extensions.DependencyInjection;
using Mlp.Core;
using Mlp.Inference;

namespace Mlp.AspNetCore;

/// <summary>Says which models a service loads before it takes its first request.</summary>
public sealed class MlpInferenceBuilder
{
    internal MlpInferenceBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Loads the package in a folder, verified.</summary>
    public MlpInferenceBuilder AddModel(string folder, HostedModelOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return AddModel((_, _) => Task.FromResult(ModelPackage.Open(folder)), options);
    }

    /// <summary>Loads a package that comes from elsewhere, such as a registry.</summary>
    /// <param name="resolve">Gives the verified package.</param>
    /// <param name="options">How to host it.</param>
    public MlpInferenceBuilder AddModel(Func<IServiceProvider, CancellationToken, Task<ModelPackage>> resolve, HostedModelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(resolve);
        options?.Validate();
        options ??= new HostedModelOptions();
        Services.AddSingleton(new ModelRegistration(async (host, services, cancellationToken) =>
        {
            var package = await resolve(services, cancellationToken).ConfigureAwait(false);
            await host.LoadAsync(package, options, cancellationToken).ConfigureAwait(false);
        }));
        return this;
    }

    /// <summary>Loads what a source has, such as a <see cref="RegistryPackageSource"/>, and its next versions as they appear.</summary>
    /// <param name="source">Makes the source.</param>
    /// <param name="options">How to host it.</param>
    /// <param name="watch">How often to look for a next version; null for the defaults.</param>
    public MlpInferenceBuilder AddWatchedModel(Func<IServiceProvider, IPackageSource> source, HostedModelOptions? options = null, WatchOptions? watch = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        options?.Validate();
        watch?.Validate();
        Services.AddSingleton(new ModelRegistration((host, services, cancellationToken) => host.WatchAsync(source(services), options, watch, cancellationToken)));
        return this;
    }
}

/// <summary>A model to load at start-up.</summary>
internal sealed record ModelRegistration(Func<ModelHost, IServiceProvider, CancellationToken, Task> LoadAsync);
