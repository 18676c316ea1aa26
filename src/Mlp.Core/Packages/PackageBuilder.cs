namespace Mlp.Core;

/// <summary>Makes a package: collects files, states their digests, and puts the whole into place at once.</summary>
public sealed class PackageBuilder
{
    private readonly SortedDictionary<string, ReadOnlyMemory<byte>> _files = new(StringComparer.Ordinal);

    /// <summary>Adds a file.</summary>
    /// <param name="path">Relative path in the package, see <see cref="PackagePath.IsSafe"/>.</param>
    /// <param name="content">Its bytes, referred to until <see cref="Write"/>.</param>
    /// <exception cref="PackageException">The path is not safe, is the manifest's or was added before.</exception>
    public PackageBuilder Add(string path, ReadOnlyMemory<byte> content)
    {
        if (!PackagePath.IsSafe(path) || path == PackageManifest.FileName)
        {
            throw new PackageException(ErrorCodes.PackageInvalid, path, "not a path that a file of a package may have.");
        }

        if (!_files.TryAdd(path, content))
        {
            throw new PackageException(ErrorCodes.PackageInvalid, path, "was added to the package before.");
        }

        return this;
    }

    /// <summary>Writes the package.</summary>
    /// <param name="folder">
    /// Where the package will be. What is there already is replaced as a whole; until then it stays as it was. A process that is
    /// killed at whatever moment leaves the old package or the new one.
    /// </param>
    /// <param name="manifest">The statements; its list of files is made here.</param>
    /// <exception cref="PackageException">The manifest is invalid or names a file that was not added.</exception>
    public ModelPackage Write(string folder, PackageManifest manifest)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(manifest);

        var files = new List<PackageFile>(_files.Count);
        foreach (var (path, content) in _files)
        {
            files.Add(new PackageFile(path, content.Length, ContentDigest.Of(content.Span)));
        }

        var bytes = PackageManifestJson.Write(manifest with { Files = files });

        // Reading back what was written holds the builder to the rules of the reader.
        PackageManifestJson.Read(bytes, PackageLimits.Default, PackageManifest.FileName);

        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        PackagePlace.Recover(folder);
        var temporary = $"{folder}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(temporary);
            foreach (var (path, content) in _files)
            {
                var file = PackagePath.Resolve(temporary, path);
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                WriteDurably(file, content.Span);
            }

            WriteDurably(Path.Combine(temporary, PackageManifest.FileName), bytes);
            foreach (var _ in PackagePlace.Replace(temporary, folder))
            {
                // A step is done; a process may end here.
            }
        }
        catch
        {
            PackagePlace.Recover(folder);
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }

            throw;
        }

        return ModelPackage.Open(folder);
    }

    private static void WriteDurably(string path, ReadOnlySpan<byte> content)
    {
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }
}
