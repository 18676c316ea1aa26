namespace Mlp.Core;

/// <summary>The rule for names of files and models: nothing that can leave a folder, on any file system.</summary>
public static class PackagePath
{
    private const int SegmentLengthMax = 128;
    private const int SegmentsMax = 8;

    /// <summary>Whether a relative path of a package's file is allowed: up to 8 names divided by <c>/</c>.</summary>
    public static bool IsSafe(string? path)
    {
        if (string.IsNullOrEmpty(path))
        {
            return false;
        }

        var segments = 0;
        foreach (var range in path.AsSpan().Split('/'))
        {
            if (++segments > SegmentsMax || !IsName(path.AsSpan(range)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a text is a name: 1 to 128 ASCII letters, digits, dots, hyphens and underscores, starting with a letter or digit and ending with no dot.</summary>
    public static bool IsName(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > SegmentLengthMax || !char.IsAsciiLetterOrDigit(name[0]) || name[^1] == '.')
        {
            return false;
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The file of a safe path below a folder, refused where a link stands on the way.</summary>
    /// <exception cref="PackageException">The path is not safe, or a part of it is a link.</exception>
    public static string Resolve(string folder, string path)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!IsSafe(path))
        {
            throw new PackageException(ErrorCodes.PackageInvalid, path, "not a safe relative path: expected names of ASCII letters, digits, '.', '-', '_' divided by '/'.");
        }

        var file = folder;
        foreach (var segment in path.Split('/'))
        {
            file = Path.Combine(file, segment);
            if (new FileInfo(file) is { LinkTarget: not null })
            {
                throw new PackageException(ErrorCodes.PackageInvalid, path, "is reached through a symbolic link, which a package may not contain.");
            }
        }

        return file;
    }
}
