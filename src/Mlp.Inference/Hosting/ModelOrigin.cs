using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Where a hosted model came from, and how it is hosted: enough to load it again.</summary>
/// <param name="Source">The source.</param>
/// <param name="Options">How it is hosted.</param>
/// <param name="OwnedFolder">A folder that goes with the version; null where the package belongs to somebody else.</param>
internal sealed record ModelOrigin(IPackageSource Source, HostedModelOptions Options, string? OwnedFolder = null)
{
    public void DeleteOwned()
    {
        if (OwnedFolder is not null && Directory.Exists(OwnedFolder))
        {
            Directory.Delete(OwnedFolder, recursive: true);
        }
    }
}

/// <summary>One package and no other: a load of it again gives the same version or fails.</summary>
internal sealed class OnePackage(ModelPackage package) : IPackageSource
{
    public string Name => package.Folder;

    public Task<PackageVersion> ResolveAsync(CancellationToken cancellationToken = default) => Task.FromResult(new PackageVersion(null, package.Digest));

    public Task<ModelPackage> OpenAsync(PackageVersion version, CancellationToken cancellationToken = default) => Task.FromResult(ModelPackage.Open(package.Folder, version.Digest));
}
