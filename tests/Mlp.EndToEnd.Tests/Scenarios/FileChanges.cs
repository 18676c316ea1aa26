namespace Mlp.EndToEnd.Tests.Scenarios;

/// <summary>Counts what happens to the files below a folder, from a moment on: a clock that runs with the work and not with the machine.</summary>
internal sealed class FileChanges : IDisposable
{
    private readonly FileSystemWatcher _watcher;
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _count;
    private int _left = int.MaxValue;

    /// <param name="folder">The folder; it is made where it does not exist.</param>
    /// <param name="count">How many changes to wait for.</param>
    public FileChanges(string folder, int count)
    {
        _count = count;
        Directory.CreateDirectory(folder);
        _watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true, NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite };
        _watcher.Created += (_, _) => Count();
        _watcher.Changed += (_, _) => Count();
        _watcher.Deleted += (_, _) => Count();
        _watcher.Renamed += (_, _) => Count();
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>Starts to count.</summary>
    public Task CountAsync()
    {
        Interlocked.Exchange(ref _left, _count);
        return _reached.Task;
    }

    public void Dispose() => _watcher.Dispose();

    private void Count()
    {
        if (Interlocked.Decrement(ref _left) <= 0)
        {
            _reached.TrySetResult();
        }
    }
}
