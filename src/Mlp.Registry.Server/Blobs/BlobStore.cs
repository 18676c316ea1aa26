using System.Buffers;
using System.Security.Cryptography;
using Mlp.Core;

namespace Mlp.Registry.Server;

/// <summary>Bytes by their digest, one file each. A file has its name only once all of it is on the disk and its digest is what was promised.</summary>
internal sealed class BlobStore
{
    private const int BufferBytes = 1 << 17;

    // Longer than any upload takes: another server on the same folder may still be writing what is younger.
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromDays(1);

    private readonly string _blobs;
    private readonly string _uploads;
    private readonly long _bytesMax;
    private readonly SemaphoreSlim _slots;
    private readonly int _uploadsMax;

    public BlobStore(string folder, long bytesMax, int uploadsMax, TimeProvider time)
    {
        _blobs = Path.Combine(folder, "blobs");
        _uploads = Path.Combine(folder, "uploads");
        _bytesMax = bytesMax;
        _uploadsMax = uploadsMax;
        _slots = new SemaphoreSlim(uploadsMax, uploadsMax);
        Directory.CreateDirectory(_blobs);
        Directory.CreateDirectory(_uploads);
        foreach (var abandoned in Directory.EnumerateFiles(_uploads))
        {
            if (time.GetUtcNow() - File.GetLastWriteTimeUtc(abandoned) > AbandonedAfter)
            {
                File.Delete(abandoned);
            }
        }
    }

    /// <summary>The file of a digest, or null where there is none.</summary>
    public FileInfo? Find(string digest)
    {
        var file = new FileInfo(PathOf(digest));
        return file.Exists ? file : null;
    }

    /// <summary>All bytes of a digest, compared with it.</summary>
    /// <exception cref="RegistryFault">There are none, too many, or they are not those that were stored.</exception>
    public byte[] ReadVerified(string digest, long bytesMax)
    {
        var file = Find(digest) ?? throw new RegistryFault(RegistryFault.DataLoss, $"The file {digest} is missing in the store.");
        if (file.Length > bytesMax)
        {
            throw RegistryFault.Invalid($"The file {digest} has {file.Length} bytes, more than the {bytesMax} that are read here.");
        }

        var bytes = File.ReadAllBytes(file.FullName);
        return ContentDigest.Of(bytes) == digest ? bytes : throw new RegistryFault(RegistryFault.DataLoss, $"The file {digest} is damaged in the store.");
    }

    /// <summary>Takes a stream to its end, and keeps it if its digest is the one promised.</summary>
    /// <exception cref="RegistryFault">It is longer than allowed, has another digest, or too many uploads run.</exception>
    public async Task WriteAsync(string digest, Stream content, CancellationToken cancellationToken)
    {
        var path = PathOf(digest);
        if (!await _slots.WaitAsync(TimeSpan.Zero, cancellationToken).ConfigureAwait(false))
        {
            throw new RegistryFault(RegistryFault.RequestLimitExceeded, $"{_uploadsMax} uploads run already; try again.");
        }

        var temporary = Path.Combine(_uploads, Guid.NewGuid().ToString("N"));
        try
        {
            var found = await CopyAsync(content, temporary, cancellationToken).ConfigureAwait(false);
            if (found != digest)
            {
                throw RegistryFault.Invalid($"The body has the digest {found}, not {digest}.");
            }

            // Replacing a file of the same digest changes nothing, unless that file was damaged.
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
            _slots.Release();
        }
    }

    private async Task<string> CopyAsync(Stream content, string path, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        await using var _ = file.ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long length = 0;
            int read;
            while ((read = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                length += read;
                if (length > _bytesMax)
                {
                    throw RegistryFault.TooLarge($"The body is longer than the {_bytesMax} bytes allowed.");
                }

                hash.AppendData(buffer, 0, read);
                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        file.Flush(flushToDisk: true);
        return ContentDigest.Prefix + Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private string PathOf(string digest)
    {
        if (!ContentDigest.IsWellFormed(digest))
        {
            throw RegistryFault.WrongValue("digest", digest, "sha256: and 64 lower-case hexadecimal digits");
        }

        var hex = ContentDigest.Hex(digest);
        return Path.Combine(_blobs, hex[..2], hex);
    }
}
