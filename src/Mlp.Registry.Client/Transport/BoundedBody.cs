using System.Buffers;
using System.Security.Cryptography;
using Mlp.Core;

namespace Mlp.Registry.Client;

/// <summary>Reads a body and never more than was expected.</summary>
internal static class BoundedBody
{
    private const int BufferBytes = 1 << 17;

    /// <summary>The whole body in memory.</summary>
    /// <exception cref="RegistryException">It is longer than allowed.</exception>
    public static async Task<byte[]> ReadAsync(HttpResponseMessage response, int bytesMax, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = stream.ConfigureAwait(false);
        using var bytes = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                if (bytes.Length + read > bytesMax)
                {
                    throw new RegistryException(RegistryErrors.BadAnswer, $"{response.RequestMessage?.RequestUri?.AbsolutePath}: the answer is longer than the {bytesMax} bytes allowed.");
                }

                bytes.Write(buffer, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return bytes.ToArray();
    }

    /// <summary>The body into a file, its length and digest compared with those expected while it streams.</summary>
    /// <exception cref="PackageException">The body is not the file that was asked for.</exception>
    public static async Task SaveAsync(HttpResponseMessage response, string path, PackageFile expected, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = stream.ConfigureAwait(false);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        await using var closing = file.ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long length = 0;
            int read;
            while ((read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                length += read;
                if (length > expected.LengthBytes)
                {
                    throw new PackageException(ErrorCodes.PackageDamaged, expected.Path, $"the server sent more than the {expected.LengthBytes} bytes that the manifest states.");
                }

                hash.AppendData(buffer, 0, read);
                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            }

            var digest = ContentDigest.Prefix + Convert.ToHexStringLower(hash.GetHashAndReset());
            if (length != expected.LengthBytes || digest != expected.Digest)
            {
                throw new PackageException(ErrorCodes.PackageDamaged, expected.Path, $"expected {expected.LengthBytes} bytes with {expected.Digest}, the server sent {length} with {digest}.");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        file.Flush(flushToDisk: true);
    }
}
