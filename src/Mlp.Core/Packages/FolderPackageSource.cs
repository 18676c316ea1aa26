namespace Mlp.Core;

/// <summary>A folder whose package is replaced as a whole when there is a new version, as <see cref="PackageBuilder.Write"/> does.</summary>
/// <param name="folder">The package's folder.</param>
/// <param name="limits">What to accept; null for <see cref="PackageLimits.Default"/>.</param>
public sealed class FolderPackageSource(string folder, PackageLimits? limits = null) : IPackageSource
{
    /// <inheritdoc/>
    public string Name => folder;

    /// <inheritdoc/>
    public Task<PackageVersion> ResolveAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(new PackageVersion(null, ModelPackage.DigestOf(folder, limits)));

    /// <inheritdoc/>
    public Task<ModelPackage> OpenAsync(PackageVersion version, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(version);
        return Task.FromResult(ModelPackage.Open(folder, version.Digest, limits));
    }
}
