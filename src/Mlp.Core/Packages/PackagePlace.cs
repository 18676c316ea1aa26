namespace Mlp.Core;

/// <summary>
/// Where a package's folder is while it is replaced: in its place or, for the instant between two renames, aside. Whatever kills
/// the process in between, the old package or the new one is whole and is found.
/// </summary>
/// <param name="Folder">The folder in which the package is now.</param>
/// <param name="Digest">Its identity; null where there is none.</param>
/// <param name="WrittenAt">When its manifest was written, which tells a package from one with the same content that took its place.</param>
internal readonly record struct PackagePlace(string Folder, string? Digest, DateTime WrittenAt)
{
    private const string AsideSuffix = ".replaced.tmp";

    /// <summary>Finds a package.</summary>
    public static PackagePlace Of(string folder, PackageLimits limits)
    {
        var place = IsPackage(folder) || !IsPackage(Aside(folder)) ? folder : Aside(folder);
        var manifest = ManifestIn(place);
        try
        {
            return new PackagePlace(place, ContentDigest.Of(ModelPackage.ReadManifestBytes(manifest, limits)), File.GetLastWriteTimeUtc(manifest));
        }
        catch (PackageException)
        {
            // No package, or one that is about to be moved: whoever opens it says so.
            return new PackagePlace(place, null, default);
        }
    }

    /// <summary>Whether the package lies aside though there is one in its place again.</summary>
    public bool IsOutdated(string folder) => Folder != folder && IsPackage(folder);

    /// <summary>Puts right what a process that was killed while it replaced a package has left.</summary>
    public static void Recover(string folder)
    {
        var aside = Aside(folder);
        if (!Directory.Exists(aside))
        {
            return;
        }

        if (IsPackage(folder))
        {
            Directory.Delete(aside, recursive: true);
            return;
        }

        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.Move(aside, folder);
    }

    /// <summary>Replaces a package by the one in a temporary folder, step by step: it may end after any of them.</summary>
    /// <returns>What was done so far.</returns>
    public static IEnumerable<string> Replace(string temporary, string folder)
    {
        var aside = Aside(folder);
        if (Directory.Exists(folder))
        {
            Directory.Move(folder, aside);
            yield return "the old package is aside";
        }

        Directory.Move(temporary, folder);
        yield return "the new package is in place";

        if (Directory.Exists(aside))
        {
            Directory.Delete(aside, recursive: true);
            yield return "the old package is gone";
        }
    }

    private static bool IsPackage(string folder) => File.Exists(ManifestIn(folder));

    private static string ManifestIn(string folder) => Path.Combine(folder, PackageManifest.FileName);

    private static string Aside(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + AsideSuffix;
}
