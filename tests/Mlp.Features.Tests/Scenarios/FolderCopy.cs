using Mlp.Core;

namespace Mlp.Features.Tests.Scenarios;

/// <summary>A store's folder as a process leaves it that is killed at that moment.</summary>
internal static class FolderCopy
{
    /// <summary>Each file below a folder and the digest of its bytes.</summary>
    public static string[] Digests(string folder) => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "lock").Order(StringComparer.Ordinal).Select(f => $"{f} {ContentDigest.OfFile(f)}")];

    public static void Of(string from, string to)
    {
        foreach (var directory in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories).Prepend(from))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, directory)));
        }

        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "lock"))
        {
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        }
    }
}
