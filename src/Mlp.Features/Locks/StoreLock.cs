using System.Globalization;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>Keeps a second process out of a store's folder; its error names the first. The operating system frees it when the process ends, however it ends.</summary>
internal sealed class StoreLock : IDisposable
{
    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    public static StoreLock Take(string folder)
    {
        var owner = Path.Combine(folder, "owner.txt");
        try
        {
            var file = new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(owner, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new StoreLock(file);
        }
        catch (IOException e) when (e is not DirectoryNotFoundException)
        {
            var process = File.Exists(owner) ? File.ReadAllText(owner) : "unknown";
            throw new MlpException(FeatureErrors.StoreInUse, $"The store in {folder} is open in the process {process}; a folder belongs to one process at a time.", e);
        }
    }

    public void Dispose() => _file.Dispose();
}
