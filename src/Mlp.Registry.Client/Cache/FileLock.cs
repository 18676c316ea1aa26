namespace Mlp.Registry.Client;

/// <summary>A lock among processes: an open file. The system lets go of it when a process dies.</summary>
internal static class FileLock
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>The lock, held alone, if nobody else holds it.</summary>
    public static FileStream? TryExclusive(string path) => TryOpen(path, FileAccess.ReadWrite, FileShare.None);

    /// <summary>The lock, shared with others who share it, if nobody holds it alone.</summary>
    public static FileStream? TryShared(string path) => TryOpen(path, FileAccess.Read, FileShare.Read);

    /// <summary>Waits for the lock.</summary>
    /// <exception cref="RegistryException">It was not free in time.</exception>
    public static async Task<FileStream> ExclusiveAsync(string path, TimeSpan waitMax, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            if (TryExclusive(path) is { } taken)
            {
                return taken;
            }

            if (time.GetElapsedTime(start) > waitMax)
            {
                throw new RegistryException(RegistryErrors.Cache, $"{path}: another process has filled the cache for longer than {waitMax}.");
            }

            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static FileStream? TryOpen(string path, FileAccess access, FileShare share)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, access, share, bufferSize: 0);
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException))
        {
            return null;
        }
    }
}
