using System.Security.Cryptography;

namespace Mlp.Core;

/// <summary>SHA-256 digests written as <c>sha256:</c> and 64 lower-case hexadecimal digits.</summary>
public static class ContentDigest
{
    /// <summary>What every digest starts with.</summary>
    public const string Prefix = "sha256:";

    private const int HexLength = 64;

    /// <summary>The digest of bytes in memory.</summary>
    public static string Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return Prefix + Convert.ToHexStringLower(hash);
    }

    /// <summary>The digest of a stream from its position to its end.</summary>
    public static string Of(Stream content)
    {
        ArgumentNullException.ThrowIfNull(content);
        return Prefix + Convert.ToHexStringLower(SHA256.HashData(content));
    }

    /// <summary>The digest of a file.</summary>
    public static string OfFile(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 17, FileOptions.SequentialScan);
        return Of(stream);
    }

    /// <summary>Whether a text has the form of a digest.</summary>
    public static bool IsWellFormed(string? digest)
    {
        if (digest is null || digest.Length != Prefix.Length + HexLength || !digest.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        foreach (var c in digest.AsSpan(Prefix.Length))
        {
            if (!char.IsAsciiHexDigitLower(c) && !char.IsAsciiDigit(c))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The 64 hexadecimal digits of a well-formed digest, fit for a file's name.</summary>
    /// <exception cref="ArgumentException">The text is no digest.</exception>
    public static string Hex(string digest) =>
        IsWellFormed(digest) ? digest[Prefix.Length..] : throw new ArgumentException($"'{digest}' is no digest: expected {Prefix} and {HexLength} hexadecimal digits.", nameof(digest));
}
