using Mlp.Core;

namespace Mlp.Registry.Client;

/// <summary>Packages to and from the server.</summary>
internal sealed class RegistryPackages(RegistryHttp http) : IPackageSource
{
    public Task<byte[]> ManifestAsync(string digest, int bytesMax, CancellationToken cancellationToken) =>
        http.DownloadAsync("mlp/packages/" + digest, (response, cancel) => BoundedBody.ReadAsync(response, bytesMax, cancel), cancellationToken);

    public Task SaveAsync(PackageFile file, string path, CancellationToken cancellationToken) => http.DownloadAsync(
        "mlp/blobs/" + file.Digest,
        async (response, cancel) =>
        {
            await BoundedBody.SaveAsync(response, path, file, cancel).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <summary>Uploads what the server does not have: the files first, then the manifest, which makes the package visible.</summary>
    public async Task UploadAsync(ModelPackage package, CancellationToken cancellationToken)
    {
        foreach (var file in package.Manifest.Files)
        {
            var blob = "mlp/blobs/" + file.Digest;
            if (await http.LengthAsync(blob, cancellationToken).ConfigureAwait(false) != file.LengthBytes)
            {
                var path = package.FilePath(file.Path);
                await http.UploadAsync(blob, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan), cancellationToken).ConfigureAwait(false);
            }
        }

        var manifest = await File.ReadAllBytesAsync(Path.Combine(package.Folder, PackageManifest.FileName), cancellationToken).ConfigureAwait(false);
        await http.UploadAsync("mlp/packages/" + package.Digest, () => new MemoryStream(manifest, writable: false), cancellationToken).ConfigureAwait(false);
    }
}
