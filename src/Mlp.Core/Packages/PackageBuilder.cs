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
    /// killed at whatever moment leaves the old package or the new one; what else it left is removed here.
    /// </param>
    /// <param name="manifest">The statements; its list of files is made here.</param>
    /// <exception cref="PackageException">The manifest is invalid or names a file that was not added, or the folder cannot be written (<see cref="ErrorCodes.PackageUnavailable"/>).</exception>
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
        try
        {
            PackagePlace.Recover(folder);
            TemporaryPackage.RemoveLeft(folder);
            using var temporary = TemporaryPackage.Beside(folder);
            WriteInto(temporary.Folder, bytes);
            Put(temporary.Folder, folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PackageException(ErrorCodes.PackageUnavailable, folder, $"the package cannot be written: {e.Message}", e);
        }

        return ModelPackage.Open(folder);
    }

    private void WriteInto(string folder, ReadOnlySpan<byte> manifest)
    {
        Directory.CreateDirectory(folder);
        foreach (var (path, content) in _files)
        {
            var file = PackagePath.Resolve(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            WriteDurably(file, content.Span);
        }

        WriteDurably(Path.Combine(folder, PackageManifest.FileName), manifest);
    }

    private static void Put(string temporary, string folder)
    {
        try
        {
            foreach (var _ in PackagePlace.Replace(temporary, folder))
            {
                // A step is done; a process may end here.
            }
        }
        catch
        {
            PackagePlace.Recover(folder);
            throw;
        }
    }

    private static void WriteDurably(string path, ReadOnlySpan<byte> content)
    {
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }
}
