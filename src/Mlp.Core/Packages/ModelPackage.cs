namespace Mlp.Core;

/// <summary>A model package on disk: a folder with <c>mlp.json</c> and the files that it lists, verified before a byte of them is parsed.</summary>
public sealed class ModelPackage
{
    // Each attempt that is repeated has seen a whole replacement go by.
    private const int AttemptsMax = 32;

    private ModelPackage(string folder, PackageManifest manifest, string digest)
    {
        Folder = folder;
        Manifest = manifest;
        Digest = digest;
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>What the package states about itself.</summary>
    public PackageManifest Manifest { get; }

    /// <summary>The package's identity: the digest of the manifest's bytes, and through it of every file.</summary>
    public string Digest { get; }

    /// <summary>The model file's full path.</summary>
    public string ModelPath => FilePath(Manifest.ModelFile);

    /// <summary>Opens a package and compares length and digest of every file with the manifest.</summary>
    /// <param name="folder">The package's folder.</param>
    /// <param name="expectedDigest">The identity that was asked for; null to accept any.</param>
    /// <param name="limits">What to accept; null for <see cref="PackageLimits.Default"/>.</param>
    /// <exception cref="PackageException">The manifest is missing, invalid or not the expected one, or a file is missing, differs or cannot be read.</exception>
    public static ModelPackage Open(string folder, string? expectedDigest = null, PackageLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        limits ??= PackageLimits.Default;
        limits.Validate();
        for (var attempt = 1; ; attempt++)
        {
            var place = PackagePlace.Of(folder, limits);
            try
            {
                var package = OpenIn(place.Folder, expectedDigest, limits);
                if (!place.IsOutdated(folder) || attempt == AttemptsMax)
                {
                    return package;
                }
            }
            catch (PackageException) when (attempt < AttemptsMax && PackagePlace.Of(folder, limits) != place)
            {
                // It was replaced while it was looked at: look again.
            }
        }
    }

    /// <summary>The identity of the package in a folder: the digest of its manifest. The files are not looked at.</summary>
    /// <param name="folder">The package's folder.</param>
    /// <param name="limits">What to accept; null for <see cref="PackageLimits.Default"/>.</param>
    /// <exception cref="PackageException">There is no manifest, or one larger than allowed.</exception>
    public static string DigestOf(string folder, PackageLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        limits ??= PackageLimits.Default;
        for (var attempt = 1; attempt < AttemptsMax; attempt++)
        {
            var place = PackagePlace.Of(folder, limits);
            if (place.Digest is not null)
            {
                return place.Digest;
            }

            if (PackagePlace.Of(folder, limits) == place)
            {
                break;
            }
        }

        return ContentDigest.Of(ReadManifestBytes(Path.Combine(folder, PackageManifest.FileName), limits));
    }

    /// <summary>The full path of one of the package's files.</summary>
    /// <exception cref="PackageException">The manifest lists no such file.</exception>
    public string FilePath(string path) => PackagePath.Resolve(Folder, Listed(path).Path);

    /// <summary>Reads one of the package's files. Since the package was opened another one may have taken its place: the bytes are compared with the manifest once more.</summary>
    /// <exception cref="PackageException">The manifest lists no such file, or it is missing, differs (<see cref="ErrorCodes.PackageDamaged"/>) or cannot be read.</exception>
    public byte[] ReadFile(string path)
    {
        var file = Listed(path);
        var fullPath = PackagePath.Resolve(Folder, path);
        var bytes = Read(fullPath, file);
        var digest = ContentDigest.Of(bytes);
        return digest == file.Digest
            ? bytes
            : throw new PackageException(ErrorCodes.PackageDamaged, fullPath, $"expected {file.Digest}, found {digest}: it was replaced since the package was opened.");
    }

    /// <summary>What the manifest states about one of the package's files.</summary>
    /// <exception cref="PackageException">It lists no such file.</exception>
    public PackageFile Listed(string path)
    {
        foreach (var file in Manifest.Files)
        {
            if (file.Path == path)
            {
                return file;
            }
        }

        throw new PackageException(ErrorCodes.PackageInvalid, path, $"the package '{Manifest.Name}' lists no such file.");
    }

    internal static byte[] ReadManifestBytes(string path, PackageLimits limits)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > limits.ManifestBytesMax)
            {
                throw new PackageException(ErrorCodes.PackageInvalid, path, $"the manifest has {stream.Length} bytes, more than the {limits.ManifestBytesMax} allowed.");
            }

            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new PackageException(ErrorCodes.PackageInvalid, path, "there is no manifest here, so this is no model package.", e);
        }
        catch (EndOfStreamException e)
        {
            throw new PackageException(ErrorCodes.PackageDamaged, path, "the manifest became shorter while it was read.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Directory.Exists(path)
                ? new PackageException(ErrorCodes.PackageInvalid, path, "this is a folder, where the file of the manifest is expected.", e)
                : new PackageException(ErrorCodes.PackageUnavailable, path, $"the manifest cannot be read: {e.Message}", e);
        }
    }

    private static ModelPackage OpenIn(string folder, string? expectedDigest, PackageLimits limits)
    {
        var manifestPath = Path.Combine(folder, PackageManifest.FileName);
        var bytes = ReadManifestBytes(manifestPath, limits);
        var digest = ContentDigest.Of(bytes);
        if (expectedDigest is not null && digest != expectedDigest)
        {
            throw new PackageException(ErrorCodes.PackageDamaged, manifestPath, $"expected the package {expectedDigest}, found {digest}.");
        }

        var manifest = PackageManifestJson.Read(bytes, limits, manifestPath);
        foreach (var file in manifest.Files)
        {
            Verify(folder, file, limits);
        }

        return new ModelPackage(folder, manifest, digest);
    }

    private static void Verify(string folder, PackageFile file, PackageLimits limits)
    {
        var path = PackagePath.Resolve(folder, file.Path);
        var info = new FileInfo(path);
        if (!info.Exists)
        {
            throw Missing(path, file);
        }

        if (info.Length != file.LengthBytes || info.Length > limits.FileBytesMax)
        {
            throw new PackageException(ErrorCodes.PackageDamaged, path, $"expected {file.LengthBytes} bytes (at most {limits.FileBytesMax}), found {info.Length}.");
        }

        var digest = DigestOf(path, file);
        if (digest != file.Digest)
        {
            throw new PackageException(ErrorCodes.PackageDamaged, path, $"expected {file.Digest}, found {digest}.");
        }
    }

    private static string DigestOf(string path, PackageFile file) => Try(path, file, ContentDigest.OfFile);

    private static byte[] Read(string path, PackageFile file) => Try(path, file, File.ReadAllBytes);

    private static T Try<T>(string path, PackageFile file, Func<string, T> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // It was there a moment ago.
            throw Missing(path, file, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PackageException(ErrorCodes.PackageUnavailable, path, $"cannot be read: {e.Message}", e);
        }
    }

    private static PackageException Missing(string path, PackageFile file, Exception? cause = null) =>
        new(ErrorCodes.PackageDamaged, path, $"missing: expected {file.LengthBytes} bytes with {file.Digest}.", cause);
}
