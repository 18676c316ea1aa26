using Mlp.Core;
using Mlp.Registry.Client;

namespace Mlp.AspNetCore;

/// <summary>What an alias of a registry stands for. While the registry is away its last known answer and the client's cache stand in.</summary>
/// <param name="client">The registry; not disposed here.</param>
/// <param name="model">The model's name.</param>
/// <param name="alias">The alias, such as <c>production</c>.</param>
public sealed class RegistryPackageSource(RegistryClient client, string model, string alias) : IPackageSource
{
    /// <inheritdoc/>
    public string Name => $"{model}@{alias}";

    /// <inheritdoc/>
    public async Task<PackageVersion> ResolveAsync(CancellationToken cancellationToken = default)
    {
        var resolved = await client.ResolveAsync(model, alias, cancellationToken).ConfigureAwait(false);
        return new PackageVersion(resolved.Version, resolved.Digest);
    }

    /// <inheritdoc/>
    public Task<ModelPackage> OpenAsync(PackageVersion version, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(version);
        return client.DownloadAsync(version.Digest, cancellationToken);
    }
}
