using System.Security.Cryptography;
using System.Text;

namespace FlightDelay.Pipeline;

/// <summary>
/// The folder that holds what the demo made, so that the next run makes only what changed. Every step writes to a temporary
/// name and is stamped with the digest of its inputs when it is complete: an interrupted step has no stamp and runs again.
/// </summary>
internal sealed class Workspace : IDisposable
{
    private readonly FileStream _lock;

    private Workspace(string folder, FileStream heldLock)
    {
        Folder = folder;
        _lock = heldLock;
    }

    public string Folder { get; }

    public static Workspace Open(string folder, bool fresh)
    {
        folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(folder);
        FileStream held;
        try
        {
            held = new FileStream(Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new DemoException($"Another demo is at work in {folder}; wait for it, or choose another folder with --workspace.", e);
        }

        if (fresh)
        {
            foreach (var directory in Directory.GetDirectories(folder))
            {
                Directory.Delete(directory, recursive: true);
            }

            foreach (var stamp in Directory.GetFiles(folder, "*.stamp"))
            {
                File.Delete(stamp);
            }
        }

        return new Workspace(folder, held);
    }

    /// <summary>A path in the workspace.</summary>
    public string At(params ReadOnlySpan<string> names) => Path.Combine([Folder, .. names]);

    /// <summary>The digest of everything that decides a step's result.</summary>
    public static string Key(params ReadOnlySpan<string> inputs) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', inputs!))));

    /// <summary>Whether the step was completed with the same inputs.</summary>
    public bool IsDone(string step, string key)
    {
        var stamp = At($"{step}.stamp");
        return File.Exists(stamp) && File.ReadAllText(stamp) == key;
    }

    /// <summary>States that a step is under way: until <see cref="Complete"/>, its result counts as missing.</summary>
    public void Begin(string step) => File.Delete(At($"{step}.stamp"));

    /// <summary>States that the step's result is whole.</summary>
    public void Complete(string step, string key)
    {
        var stamp = At($"{step}.stamp");
        File.WriteAllText(stamp + ".tmp", key);
        File.Move(stamp + ".tmp", stamp, overwrite: true);
    }

    public void Dispose() => _lock.Dispose();
}
