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
    /// <param name="leases">Takes what is to be disposed of at the end.</param>
    /// <returns>The files' paths, in the order of the list; none where nothing was appended.</returns>
    public static string[] Hold(string folder, Func<SourceManifest?> manifest, List<FileLease> leases)
    {
        var list = manifest();
        for (var i = 0; i < TriesMax; i++)
        {
            var files = (list?.Batches ?? []).Select(b => Path.Combine(folder, b.File)).ToArray();
            var lost = TryHold(files, leases);
            if (lost is null)
            {
                return files;
            }

            var next = manifest();
            if (next is not null && next.Batches.SequenceEqual(list!.Batches))
            {
                throw new MlpException(FeatureErrors.StoreDamaged, $"{lost} is missing or cannot be opened, though it is listed beside it: append its batch again.");
            }

            list = next;
        }

        throw new MlpException(FeatureErrors.QueryFailed, $"The batches in {folder} were replaced {TriesMax} times while their files were opened.");
    }

    /// <summary>Puts a batch's file in place and lists it.</summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.LimitReached"/>: the list would be longer than it may be; it stays as it was.</exception>
    public static void Publish(string folder, SourceManifest? manifest, string schema, string batch, string written, long rows, int listBytesMax)
    {
        var digest = ContentDigest.OfFile(written);
        var file = $"{OwnName.New()}.parquet";

        // Held from before it has its name until it is listed: nobody takes it for one that was replaced.
        using var lease = FileLease.TryShare(written) ?? throw new MlpException(FeatureErrors.StoreUnavailable, $"{written} was written and cannot be opened.");
        var place = Path.Combine(folder, file);
        File.Move(written, place);
        var batches = (manifest?.Batches ?? []).Where(b => b.Batch != batch).Append(new SourceBatch(batch, file, rows, digest));
        try
        {
            new SourceManifest(schema, [.. batches.OrderBy(b => b.Batch, StringComparer.Ordinal)]).Write(folder, listBytesMax);
        }
        catch (MlpException)
        {
            File.Delete(place);
            throw;
        }
    }

    /// <summary>Removes files that are not listed and that nobody holds; what is not named by this library stays.</summary>
    public static void RemoveUnlisted(string folder, int listBytesMax)
    {
        var listed = Listed(folder, listBytesMax);
        foreach (var path in Directory.EnumerateFiles(folder).Where(p => IsUnlisted(p, listed)).ToArray())
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
            return SourceManifest.Read(folder, listBytesMax)?.Batches.Select(b => b.File).ToHashSet(StringComparer.Ordinal) ?? [];
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
