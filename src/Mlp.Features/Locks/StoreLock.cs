using System.Globalization;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>Keeps a second process out of a store's folder; its error names the first. The operating system frees it when the process ends, however it ends.</summary>
internal sealed class StoreLock : IDisposable
{
    // What an open file with FileShare.None answers: ERROR_SHARING_VIOLATION, or EWOULDBLOCK of Linux and of macOS.
    private const int WindowsSharingViolation = unchecked((int)0x80070020);
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;

    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    /// <exception cref="MlpException"><see cref="FeatureErrors.StoreInUse"/> or, where the lock cannot be taken for another reason, <see cref="FeatureErrors.StoreUnavailable"/>.</exception>
    public static StoreLock Take(string folder)
    {
        try
        {
            return Open(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MlpException(FeatureErrors.StoreUnavailable, $"The store in {folder} cannot be opened: {e.Message}", e);
        }
    }

    public void Dispose() => _file.Dispose();

    private static StoreLock Open(string folder)
    {
        var owner = Path.Combine(folder, "owner.txt");
        FileStream file;
        try
        {
            file = new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult == (OperatingSystem.IsWindows() ? WindowsSharingViolation : OperatingSystem.IsMacOS() ? MacWouldBlock : LinuxWouldBlock))
        {
            throw new MlpException(FeatureErrors.StoreInUse, $"The store in {folder} is open in the process {OwnerOf(owner)}; a folder belongs to one process at a time.", e);
        }

        try
        {
            File.WriteAllText(owner, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new StoreLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // The name is a courtesy: it may not be there yet, or not be readable to this user.
    private static string OwnerOf(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "unknown";
        }
    }
}
