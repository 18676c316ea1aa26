using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// A source's folder: the list of its batches, and their files. A file that is no longer listed is removed once nobody holds it,
/// in whatever process: with the next append, or when the store is opened.
/// </summary>
internal static class SourceFolder
{
    // Each try that fails has seen a whole append go by.
    private const int TriesMax = 100;

    /// <summary>Reads the list of files and holds them, so that they stay for as long as a question takes.</summary>
    /// <param name="folder">The source's folder.</param>
    /// <param name="manifest">Reads the list.</param>
    /// <param name="isNeeded">Which of them.</param>
    /// <param name="leases">Takes what is to be disposed of at the end.</param>
    /// <returns>The files, in the order of the list; none where nothing was appended.</returns>
    public static SourceFile[] Hold(string folder, Func<SourceManifest?> manifest, Func<SourceFile, bool> isNeeded, List<FileLease> leases)
    {
        var list = manifest();
        for (var i = 0; i < TriesMax; i++)
        {
            var files = (list?.Files ?? []).Where(isNeeded).ToArray();
            var lost = TryHold([.. files.Select(f => Path.Combine(folder, f.Path))], leases);
            if (lost is null)
            {
                return files;
            }

            var next = manifest();
            if (next is not null && next.Files.SequenceEqual(list!.Files))
            {
                throw new MlpException(FeatureErrors.StoreDamaged, $"{lost} is missing or cannot be opened, though it is listed beside it: append its batch again.");
            }

            list = next;
        }

        throw new MlpException(FeatureErrors.QueryFailed, $"The batches in {folder} were replaced {TriesMax} times while their files were opened.");
    }

    /// <summary>Puts a batch's files in place and lists them.</summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.LimitReached"/>: the list would be longer than it may be; it stays as it was.</exception>
    public static void Publish(string folder, SourceManifest? manifest, SourceSchema schema, string batch, IReadOnlyList<WrittenFile> written, int listBytesMax)
    {
        var leases = new List<FileLease>();
        var files = new List<SourceFile>();
        try
        {
            foreach (var file in written)
            {
                // Held from before it has its name until it is listed: nobody takes it for one that was replaced.
                leases.Add(FileLease.TryShare(file.Path) ?? throw new MlpException(FeatureErrors.StoreUnavailable, $"{file.Path} was written and cannot be opened."));
                var path = $"{(file.Folder.Length == 0 ? "" : $"{file.Folder}/")}{OwnName.New()}.parquet";
                Flush(file.Path);
                files.Add(new SourceFile(path, file.Rows, ContentDigest.OfFile(file.Path), file.First, file.Last, schema));
                Directory.CreateDirectory(Path.Combine(folder, file.Folder));
                File.Move(file.Path, Path.Combine(folder, path));
            }

            var batches = (manifest?.Batches ?? []).Where(b => b.Batch != batch).Append(new SourceBatch(batch, files));
            new SourceManifest([.. batches.OrderBy(b => b.Batch, StringComparer.Ordinal)]).Write(folder, listBytesMax);
        }
        catch
        {
            files.ForEach(f => File.Delete(Path.Combine(folder, f.Path)));
            throw;
        }
        finally
        {
            leases.ForEach(l => l.Dispose());
        }
    }

    /// <summary>Removes files that are not listed and that nobody holds; what is not named by this library stays.</summary>
    public static void RemoveUnlisted(string folder, int listBytesMax)
    {
        var listed = Listed(folder, listBytesMax);
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(p => IsUnlisted(p, listed)).ToArray())
        {
            // It may have been listed just before it could be owned; once owned and not listed, it never will be.
            if (FileLease.TryOwn(path, FileMode.Open) is { } lease)
            {
                using (lease)
                {
                    if (IsUnlisted(path, Listed(folder, listBytesMax)))
                    {
                        lease.Delete();
                    }
                }
            }
        }
    }

    // The list comes to disk at once; without this, a machine that loses its power could keep it and lose what it lists.
    private static void Flush(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.FlushToDisk(file);
    }

    private static bool IsUnlisted(string path, HashSet<string>? listed) =>
        listed is not null
        && (Path.GetExtension(path) is ".parquet" or ".tmp")
        && OwnName.Is(Path.GetFileNameWithoutExtension(path))
        && !listed.Contains(Path.GetFileName(path));

    // Null of a damaged list, or one too long: nothing is known, so nothing is removed, and whoever asks for the source is told.
    private static HashSet<string>? Listed(string folder, int listBytesMax)
    {
        try
        {
            return SourceManifest.Read(folder, listBytesMax)?.Files.Select(f => Path.GetFileName(f.Path)).ToHashSet(StringComparer.Ordinal) ?? [];
        }
        catch (MlpException e) when (e.Code is FeatureErrors.StoreDamaged or ErrorCodes.LimitReached)
        {
            return null;
        }
    }

    // All of them, or none and the one that is lost.
    private static string? TryHold(string[] files, List<FileLease> leases)
    {
        var first = leases.Count;
        foreach (var file in files)
        {
            if (FileLease.TryShare(file) is { } lease)
            {
                leases.Add(lease);
                continue;
            }

            for (var i = leases.Count - 1; i >= first; i--)
            {
                leases[i].Dispose();
                leases.RemoveAt(i);
            }

            return file;
        }

        return null;
    }
}
