using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// A folder for what one query spills, or an append has not yet published. Beside it lies a lock that its process holds, so that
/// whoever opens the store next can tell what a killed process left from what is in use.
/// </summary>
internal sealed class ScratchFolder : IDisposable
{
    /// <summary>The folder of a store that holds them; no source's.</summary>
    public const string ParentName = "spill";

    private const string LockSuffix = ".lock";
    private const int TriesMax = 16;

    private readonly FileLease _lease;
    private readonly string _path;

    private ScratchFolder(FileLease lease, string path)
    {
        _lease = lease;
        _path = path;
    }

    public string Path => _path;

    public static ScratchFolder Make(string store)
    {
        var parent = System.IO.Path.Combine(store, ParentName);
        try
        {
            Directory.CreateDirectory(parent);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MlpException(FeatureErrors.StoreUnavailable, $"{parent}, the folder for what a query spills, cannot be made: {e.Message}", e);
        }

        for (var i = 0; i < TriesMax; i++)
        {
            // Somebody who cleans up may take the lock for a left one in the moment before it is held; the next name is free again.
            var path = System.IO.Path.Combine(parent, OwnName.New());
            if (FileLease.TryOwn(path + LockSuffix, FileMode.CreateNew) is { } lease)
            {
                Directory.CreateDirectory(path);
                return new ScratchFolder(lease, path);
            }
        }

        throw new MlpException(FeatureErrors.StoreUnavailable, $"No folder for what a query spills can be made in {parent}: it has to be writable.");
    }

    /// <summary>Removes what killed processes left; what is in use, or not named by this library, stays.</summary>
    public static void RemoveLeft(string store)
    {
        var parent = System.IO.Path.Combine(store, ParentName);
        if (File.Exists(parent))
        {
            throw new MlpException(FeatureErrors.StoreUnavailable, $"{parent} is a file, where the folder for what a query spills is expected: remove it.");
        }

        if (!Directory.Exists(parent))
        {
            return;
        }

        foreach (var entry in Directory.EnumerateFileSystemEntries(parent).ToArray())
        {
            var isLock = entry.EndsWith(LockSuffix, StringComparison.Ordinal);
            var path = isLock ? entry[..^LockSuffix.Length] : entry;
            if (OwnName.Is(System.IO.Path.GetFileName(path)) && FileLease.TryOwn(path + LockSuffix, FileMode.OpenOrCreate) is { } lease)
            {
                new ScratchFolder(lease, path).Dispose();
            }
        }
    }

    public void Dispose()
    {
        using (_lease)
        {
            if (Directory.Exists(_path))
            {
                Directory.Delete(_path, recursive: true);
            }

            _lease.Delete();
        }
    }
}
