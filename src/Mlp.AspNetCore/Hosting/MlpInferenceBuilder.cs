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
        Services.AddSingleton(new ModelRegistration(resolve, options ?? new HostedModelOptions()));
        return this;
    }
}

/// <summary>A model to load at start-up.</summary>
internal sealed record ModelRegistration(Func<IServiceProvider, CancellationToken, Task<ModelPackage>> Resolve, HostedModelOptions Options);
