namespace Mlp.Core;

/// <summary>
/// The folder beside a package's place in which it is written. Beside that lies a lock that its process holds, so that whoever writes
/// the package next can tell what a killed process left from what is in use.
/// </summary>
internal sealed class TemporaryPackage : IDisposable
{
    private const string Suffix = ".tmp";
    private const string LockSuffix = ".lock";
    private const int TriesMax = 16;

    private readonly FileStream _lock;

    private TemporaryPackage(string folder, FileStream held)
    {
        Folder = folder;
        _lock = held;
    }

    /// <summary>The folder; it is for the caller to make, and to move away.</summary>
    public string Folder { get; }

    /// <summary>Takes a name beside a package's place.</summary>
    /// <exception cref="IOException">No lock can be made there.</exception>
    public static TemporaryPackage Beside(string place)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        for (var i = 1; ; i++)
        {
            // Somebody who tidies up may take the lock for a left one in the moment before it is held; the next name is free again.
            var folder = $"{place}.{Guid.NewGuid():N}{Suffix}";
            try
            {
                if (TryHold(folder, FileMode.CreateNew) is { } held)
                {
                    return new TemporaryPackage(folder, held);
                }
            }
            catch (IOException) when (i < TriesMax)
            {
                // Held by whoever tidies up.
            }

            if (i == TriesMax)
            {
                throw new IOException($"The lock {folder}{LockSuffix} was taken away {TriesMax} times while it was made.");
            }
        }
    }

    /// <summary>Removes what killed processes left beside a package's place; what is in use, or has another's name, stays.</summary>
    public static void RemoveLeft(string place)
    {
        var parent = Path.GetDirectoryName(place)!;
        if (!Directory.Exists(parent))
        {
            return;
        }

        foreach (var entry in Directory.EnumerateFileSystemEntries(parent).ToArray())
        {
            var folder = entry.EndsWith(LockSuffix, StringComparison.Ordinal) ? entry[..^LockSuffix.Length] : entry;
            if (IsOf(place, folder) && TryTakeOver(folder) is { } held)
            {
                new TemporaryPackage(folder, held).Dispose();
            }
        }
    }

    /// <summary>Removes the folder, if it was not moved away.</summary>
    public void Dispose()
    {
        using (_lock)
        {
            if (Directory.Exists(Folder))
            {
                Directory.Delete(Folder, recursive: true);
            }

            File.Delete(_lock.Name);
        }
    }

    private static bool IsOf(string place, string folder)
    {
        var name = Path.GetFileName(folder.AsSpan());
        var own = Path.GetFileName(place.AsSpan());
        return name.Length > own.Length + 1 + Suffix.Length
            && name.StartsWith(own, StringComparison.Ordinal)
            && name[own.Length] == '.'
            && name.EndsWith(Suffix, StringComparison.Ordinal)
            && IsId(name[(own.Length + 1)..^Suffix.Length]);
    }

    // A Guid's digits; parsing one would link all of its formats into every program.
    private static bool IsId(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigit(c))
            {
                return false;
            }
        }

        return text.Length == 32;
    }

    // Null of one that somebody holds, or that is not this user's to remove.
    private static FileStream? TryTakeOver(string folder)
    {
        try
        {
            return TryHold(folder, FileMode.OpenOrCreate);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static FileStream? TryHold(string folder, FileMode mode)
    {
        var path = folder + LockSuffix;
        var held = new FileStream(path, mode, FileAccess.ReadWrite, OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None, bufferSize: 0);

        // Between opening and locking, its owner may have deleted it: what is held then is a file without a name.
        if (File.Exists(path))
        {
            return held;
        }

        held.Dispose();
        return null;
    }
}
