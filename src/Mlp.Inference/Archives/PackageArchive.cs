using System.Buffers;
using System.IO.Compression;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>
/// A package as one zip file. The manifest is read first, and then only the files that it lists, to the length that it states: what an
/// archive claims about itself decides nothing.
/// </summary>
public static class PackageArchive
{
    private const int UnixLink = 0xA000;
    private const int UnixKind = 0xF000;

    /// <summary>Writes a package as an archive, the same entries in the same order for the same package.</summary>
    public static void Write(ModelPackage package, Stream archive)
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentNullException.ThrowIfNull(archive);
        using var zip = new ZipArchive(archive, ZipArchiveMode.Create, leaveOpen: true);
        Add(zip, PackageManifest.FileName, Path.Combine(package.Folder, PackageManifest.FileName));
        foreach (var file in package.Manifest.Files)
        {
            Add(zip, file.Path, package.FilePath(file.Path));
        }
    }

    /// <summary>Unpacks an archive into a folder and opens the package.</summary>
    /// <param name="archive">Read from its position; one that cannot seek is copied to the folder first.</param>
    /// <param name="folder">A folder that does not exist yet; on an error nothing is left of it.</param>
    /// <param name="expectedDigest">The identity that was asked for; null to accept any.</param>
    /// <param name="limits">What to accept; null for <see cref="PackageLimits.Default"/>.</param>
    /// <exception cref="PackageException">No zip file, an entry that the manifest does not list or lists otherwise, a link, or more than the limits allow.</exception>
    public static ModelPackage Extract(Stream archive, string folder, string? expectedDigest = null, PackageLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(archive);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        limits ??= PackageLimits.Default;
        limits.Validate();
        if (Directory.Exists(folder) || File.Exists(folder))
        {
            throw new PackageException(ErrorCodes.PackageInvalid, folder, "is there already; a package is unpacked into a folder of its own.");
        }

        Directory.CreateDirectory(folder);
        try
        {
            if (archive.CanSeek)
            {
                Unpack(archive, folder, limits);
            }
            else
            {
                Spool(archive, folder, limits);
            }

            return ModelPackage.Open(folder, expectedDigest, limits);
        }
        catch (Exception e)
        {
            Directory.Delete(folder, recursive: true);
            if (e is InvalidDataException or EndOfStreamException)
            {
                throw new PackageException(ErrorCodes.PackageDamaged, folder, $"the archive is no zip file that can be read: {e.Message}", e);
            }

            throw;
        }
    }

    private static void Spool(Stream archive, string folder, PackageLimits limits)
    {
        var spool = Path.Combine(folder, ".archive");
        using (var file = new FileStream(spool, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose))
        {
            Copy(archive, file, limits.ArchiveBytesMax, "the archive");
            file.Position = 0;
            Unpack(file, folder, limits);
        }
    }

    private static void Unpack(Stream archive, string folder, PackageLimits limits)
    {
        if (archive.Length - archive.Position > limits.ArchiveBytesMax)
        {
            throw Invalid("the archive", $"has {archive.Length - archive.Position} bytes, more than the {limits.ArchiveBytesMax} allowed.");
        }

        using var zip = new ZipArchive(archive, ZipArchiveMode.Read, leaveOpen: true);
        if (zip.Entries.Count > limits.ArchiveEntriesMax)
        {
            throw Invalid("the archive", $"has {zip.Entries.Count} entries, more than the {limits.ArchiveEntriesMax} allowed.");
        }

        var entries = Entries(zip);
        if (!entries.Remove(PackageManifest.FileName, out var found))
        {
            throw Invalid(PackageManifest.FileName, "the archive has no manifest, so it is no model package.");
        }

        var target = Path.Combine(folder, PackageManifest.FileName);
        Extract(found, target, limits.ManifestBytesMax);
        var manifest = PackageManifestJson.Read(File.ReadAllBytes(target), limits, PackageManifest.FileName);
        long total = 0;
        foreach (var file in manifest.Files)
        {
            if (!entries.Remove(file.Path, out var entry))
            {
                throw Invalid(file.Path, "the archive lacks the file, which the manifest lists.");
            }

            if ((total += file.LengthBytes) > limits.ArchiveBytesMax)
            {
                throw Invalid(file.Path, $"the files have more than the {limits.ArchiveBytesMax} bytes allowed.");
            }

            target = PackagePath.Resolve(folder, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            Extract(entry, target, file.LengthBytes);
        }

        foreach (var left in entries.Keys)
        {
            throw Invalid(left, "the archive holds the file, which the manifest does not list.");
        }
    }

    private static Dictionary<string, ZipArchiveEntry> Entries(ZipArchive zip)
    {
        var entries = new Dictionary<string, ZipArchiveEntry>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in zip.Entries)
        {
            if (((entry.ExternalAttributes >> 16) & UnixKind) == UnixLink)
            {
                throw Invalid(entry.FullName, "is a symbolic link, which a package may not contain.");
            }

            if (!PackagePath.IsSafe(entry.FullName))
            {
                throw Invalid(entry.FullName, "not a path that a file of a package may have.");
            }

            if (!entries.TryAdd(entry.FullName, entry))
            {
                throw Invalid(entry.FullName, "is in the archive twice (names are compared without case, as some file systems do).");
            }
        }

        return entries;
    }

    private static void Extract(ZipArchiveEntry entry, string path, long bytesMax)
    {
        using var from = entry.Open();
        using var to = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        Copy(from, to, bytesMax, entry.FullName);
    }

    private static void Copy(Stream from, Stream to, long bytesMax, string what)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            for (int read; (read = from.Read(buffer)) > 0; bytesMax -= read)
            {
                if (read > bytesMax)
                {
                    throw Invalid(what, "unpacks to more bytes than are allowed or stated.");
                }

                to.Write(buffer, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Add(ZipArchive zip, string path, string file)
    {
        // A fixed time, so that the same package gives the same archive.
        var entry = zip.CreateEntry(path, CompressionLevel.Fastest);
        entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var to = entry.Open();
        using var from = File.OpenRead(file);
        from.CopyTo(to);
    }

    private static PackageException Invalid(string path, string message) => new(ErrorCodes.PackageInvalid, path, message);
}
