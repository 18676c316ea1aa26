using System.Security.Cryptography;
using System.Text;

namespace FlightDelay.Pipeline;

/// <summary>
/// The folder that holds what the demo made, so that the next run makes only what changed. A file of the demo's own is written to a
/// temporary name and then renamed; a step is stamped with the digest of its inputs when it is complete: an interrupted step has no
/// stamp and runs again.
/// </summary>
internal sealed class Workspace : IDisposable
{
    // Held while a demo is at work, and the sign that the folder is a demo's.
    private const string Mark = ".lock";
    private const string Temporary = ".tmp";

    // What the systems call a file that another process holds; a full disk or one that is only read is none of it.
    private const int HeldLinux = 11;
    private const int HeldMac = 35;
    private const int HeldWindows = unchecked((int)0x80070020);

    // Everything that is made here, by name: nothing else is ever deleted. A package that is being written has a name of its own.
    private static readonly string[] FoldersMade = ["offline", "registry", "cache", "package", "package.*.tmp", "profiles", "gates", "online"];
    private static readonly string[] FilesMade = ["history.stamp", "training.stamp", "online.stamp", "training.json", "trees.f32", "linear.f32", "report.html"];

    private readonly FileStream _lock;

    private Workspace(string folder, FileStream heldLock)
    {
        Folder = folder;
        _lock = heldLock;
    }

    public string Folder { get; }

    /// <summary>Opens a folder for this process alone, and marks it as the demo's.</summary>
    /// <param name="folder">An empty folder, one that does not exist yet, or one that the demo has made before.</param>
    /// <param name="fresh">Whether what the demo has made there goes first; whatever else lies there stays.</param>
    /// <exception cref="DemoException">The folder is somebody else's, or another demo is at work in it.</exception>
    public static Workspace Open(string folder, bool fresh)
    {
        folder = Path.GetFullPath(folder);
        RequireOwn(folder);
        Directory.CreateDirectory(folder);
        FileStream held;
        try
        {
            held = new FileStream(Path.Combine(folder, Mark), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult is HeldLinux or HeldMac or HeldWindows)
        {
            throw new DemoException($"Another demo is at work in {folder}; wait for it, or choose another folder with --workspace.", e);
        }

        if (fresh)
        {
            Clear(folder);
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
    public void Complete(string step, string key) => Write(At($"{step}.stamp"), Encoding.UTF8.GetBytes(key));

    /// <summary>Writes a file, whole or not at all: whoever reads it meanwhile sees the old one.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path + Temporary, content);
        File.Move(path + Temporary, path, overwrite: true);
    }

    public void Dispose() => _lock.Dispose();

    private static void RequireOwn(string folder)
    {
        if (File.Exists(folder))
        {
            throw new DemoException($"{folder} is a file; --workspace names a folder.") { ExitCode = DemoException.Usage };
        }

        if (Directory.Exists(folder) && !File.Exists(Path.Combine(folder, Mark)) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new DemoException($"{folder} is not empty and no workspace of the demo; choose an empty folder, or one that is not there yet, with --workspace.") { ExitCode = DemoException.Usage };
        }
    }

    private static void Clear(string folder)
    {
        // What says that something is complete goes before the thing itself.
        foreach (var file in FilesMade)
        {
            File.Delete(Path.Combine(folder, file));
            File.Delete(Path.Combine(folder, file + Temporary));
        }

        foreach (var made in FoldersMade.SelectMany(name => Directory.GetDirectories(folder, name)))
        {
            Directory.Delete(made, recursive: true);
        }
    }
}
