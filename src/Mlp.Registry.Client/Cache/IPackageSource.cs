using Mlp.Core;

namespace Mlp.Registry.Client;

/// <summary>Where a package that the cache does not have comes from.</summary>
internal interface IPackageSource
{
    /// <summary>The manifest's bytes, at most so many.</summary>
    Task<byte[]> ManifestAsync(string digest, int bytesMax, CancellationToken cancellationToken);

    /// <summary>Writes a file, its length and digest compared with those expected.</summary>
    Task SaveAsync(PackageFile file, string path, CancellationToken cancellationToken);
}
