namespace Mlp.Features;

/// <summary>
/// An open file as a sign to other callers and other processes: any number may share it, or one may own it. The operating system
/// frees it when the process ends, however it ends.
/// </summary>
internal sealed class FileLease : IDisposable
{
    private readonly FileStream _file;
    private readonly string _path;

    private FileLease(FileStream file, string path)
    {
        _file = file;
        _path = path;
    }

    /// <summary>Shares a file; null where it is gone, or about to go.</summary>
    public static FileLease? TryShare(string path) => TryOpen(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);

    /// <summary>Owns a file that nobody shares; null where somebody does, or where it is not there as the mode wants it.</summary>
    public static FileLease? TryOwn(string path, FileMode mode) =>
        TryOpen(path, mode, FileAccess.ReadWrite, OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None);

    /// <summary>Deletes an owned file; nobody can have shared it meanwhile.</summary>
    public void Delete() => File.Delete(_path);

    public void Dispose() => _file.Dispose();

    private static FileLease? TryOpen(string path, FileMode mode, FileAccess access, FileShare share)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, mode, access, share, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        // Between opening and locking, its owner may have deleted it: what is held then is a file without a name.
        if (File.Exists(path))
        {
            return new FileLease(file, path);
        }

        file.Dispose();
        return null;
    }
}
