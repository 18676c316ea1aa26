namespace Mlp.Registry.Client;

/// <summary>A package in the cache: its folder, its size, and when it was used last.</summary>
internal readonly record struct CachedFolder(string Path, long Bytes, DateTime UsedAt)
{
    /// <summary>All packages of a cache, the longest unused first.</summary>
    public static List<CachedFolder> List(string packages, string leases)
    {
        var folders = new List<CachedFolder>();
        foreach (var folder in new DirectoryInfo(packages).EnumerateDirectories())
        {
            long bytes = 0;
            foreach (var file in folder.EnumerateFiles("*", SearchOption.AllDirectories))
            {
                bytes += file.Length;
            }

            folders.Add(new CachedFolder(folder.FullName, bytes, File.GetLastWriteTimeUtc(System.IO.Path.Combine(leases, folder.Name))));
        }

        folders.Sort(static (a, b) => a.UsedAt.CompareTo(b.UsedAt));
        return folders;
    }
}
