using Mlp.Core;
using Mlp.Monitoring;

namespace Mlp.Registry.Server;

/// <summary>Packages: a manifest, and the files that it lists, all of them in the store before the package is visible.</summary>
internal sealed class PackageStore(RegistryDatabase database, BlobStore blobs, int evaluationBytesMax)
{
    private static readonly PackageLimits Limits = PackageLimits.Default;

    /// <summary>The largest manifest.</summary>
    public static long ManifestBytesMax => Limits.ManifestBytesMax;

    /// <summary>Makes a package visible. The same package again changes nothing.</summary>
    /// <exception cref="RegistryFault">The manifest is invalid, or a file of it was not uploaded.</exception>
    public async Task<Nothing> AddAsync(string digest, byte[] manifestBytes, CancellationToken cancellationToken)
    {
        PackageManifest manifest;
        try
        {
            manifest = PackageManifestJson.Read(manifestBytes, Limits, PackageManifest.FileName);
        }
        catch (PackageException e)
        {
            throw new RegistryFault(RegistryFault.InvalidParameterValue, e.Message, e);
        }

        foreach (var file in manifest.Files)
        {
            var length = blobs.Find(file.Digest)?.Length;
            if (length != file.LengthBytes)
            {
                throw RegistryFault.Invalid($"The file '{file.Path}' ({file.Digest}, {file.LengthBytes} bytes) {(length is null ? "was not uploaded" : $"has {length} bytes in the store")}; upload it before the manifest.");
            }
        }

        using var content = new MemoryStream(manifestBytes, writable: false);
        await blobs.WriteAsync(digest, content, cancellationToken).ConfigureAwait(false);
        return await database.WriteAsync(connection =>
        {
            var added = connection.Run(
                "INSERT INTO packages VALUES ($digest, $name, $evaluation, $now) ON CONFLICT DO NOTHING",
                ("$digest", digest), ("$name", manifest.Name), ("$evaluation", EvaluationDigest(manifest)), ("$now", database.Now));
            if (added == 1)
            {
                foreach (var file in manifest.Files)
                {
                    connection.Run("INSERT INTO package_files VALUES ($package, $path, $blob, $length)", ("$package", digest), ("$path", file.Path), ("$blob", file.Digest), ("$length", file.LengthBytes));
                }
            }

            return Nothing.More;
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The manifest's bytes.</summary>
    public byte[] Manifest(string digest)
    {
        var known = ContentDigest.IsWellFormed(digest)
            && database.Read(connection => connection.First("SELECT 1 FROM packages WHERE digest = $digest", static r => r.GetInt64(0), ("$digest", digest))) == 1;
        return known ? blobs.ReadVerified(digest, ManifestBytesMax) : throw RegistryFault.Unknown($"No package {digest} was uploaded.");
    }

    /// <summary>The evaluation report in a package's file of this digest.</summary>
    /// <exception cref="RegistryFault">The file is damaged or no report.</exception>
    public EvaluationReport Evaluation(string blob)
    {
        try
        {
            return EvaluationReportJson.Read(blobs.ReadVerified(blob, evaluationBytesMax), MonitoringLimits.Default);
        }
        catch (MonitoringException e)
        {
            throw new RegistryFault(RegistryFault.InvalidParameterValue, $"The package's evaluation cannot be read: {e.Message}", e);
        }
    }

    private static string? EvaluationDigest(PackageManifest manifest)
    {
        foreach (var file in manifest.Files)
        {
            if (string.Equals(file.Path, manifest.EvaluationFile, StringComparison.OrdinalIgnoreCase))
            {
                return file.Digest;
            }
        }

        return null;
    }
}
