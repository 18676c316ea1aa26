using System.Security.Cryptography;

namespace Mlp.Features;

/// <summary>Takes a piece of a file.</summary>
internal delegate void Piece(long offset, ReadOnlySpan<byte> bytes);

/// <summary>Bytes of a file that the engine may hold open.</summary>
/// <param name="Path">The file.</param>
/// <param name="From">The first of them.</param>
/// <param name="Until">Behind the last.</param>
internal readonly record struct FileRange(string Path, long From, long Until)
{
    /// <summary>Bytes of a digest.</summary>
    public const int DigestBytes = SHA256.HashSizeInBytes;

    private const int BufferBytes = 1 << 17;

    /// <summary>The whole of a file.</summary>
    public static FileRange Whole(string path) => new(path, 0, new FileInfo(path).Length);

    /// <summary>Reads the bytes in order, piece by piece.</summary>
    /// <returns>Whether the file has them all.</returns>
    public bool TryRead(Piece piece, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path))
        {
            return From == Until;
        }

        using var file = File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var buffer = new byte[Math.Min(BufferBytes, Until - From)];
        for (var at = From; at < Until;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, Until - at)), at);
            if (read == 0)
            {
                return false;
            }

            piece(at, buffer.AsSpan(0, read));
            at += read;
        }

        return true;
    }

    /// <summary>The digest of the bytes.</summary>
    /// <returns>False where the file does not have them all.</returns>
    public bool TryDigest(Span<byte> digest, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (!TryRead((_, bytes) => hash.AppendData(bytes), cancellationToken))
        {
            return false;
        }

        hash.GetHashAndReset(digest);
        return true;
    }
}
