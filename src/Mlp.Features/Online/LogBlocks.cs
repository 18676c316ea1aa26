using System.Globalization;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// The log's files in blocks: each lies in one file, and what a checkpoint has found in the log before it began never changes again.
/// </summary>
/// <param name="folder">The store's folder.</param>
/// <param name="pageBytes">One page of the log.</param>
/// <param name="segmentBytes">One file of the log.</param>
internal sealed class LogBlocks(string folder, long pageBytes, long segmentBytes)
{
    private const long LeastBytes = 4 << 20;

    private const string FilePrefix = "features.log.";

    private readonly long _blockBytes = Math.Min(segmentBytes, Math.Max(pageBytes, LeastBytes));

    private string LogFolder => Path.Combine(folder, "log");

    /// <summary>The begin of an address's block.</summary>
    public long BeginOf(long address) => address & -_blockBytes;

    /// <summary>The digests of the blocks of a part of the log, one after the other. Those that are known already are taken over.</summary>
    /// <param name="from">Where it begins; a block does.</param>
    /// <param name="until">Where it ends; a block does.</param>
    /// <param name="known">Digests of blocks.</param>
    /// <param name="knownFrom">Where those begin.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public byte[] Digest(long from, long until, ReadOnlySpan<byte> known, long knownFrom, CancellationToken cancellationToken)
    {
        var digests = new byte[checked((int)((until - from) / _blockBytes * FileRange.DigestBytes))];
        for (var at = from; at < until; at += _blockBytes)
        {
            var digest = At(digests, from, at);
            var before = knownFrom <= at ? (at - knownFrom) / _blockBytes * FileRange.DigestBytes : known.Length;
            if (before < known.Length)
            {
                known.Slice((int)before, FileRange.DigestBytes).CopyTo(digest);
            }
            else if (RangeOf(at, at + _blockBytes) is var range && !range.TryDigest(digest, cancellationToken))
            {
                throw TooShort(range);
            }
        }

        return digests;
    }

    /// <summary>Compares the blocks of a part of the log with their digests.</summary>
    /// <exception cref="MlpException"><see cref="FeatureErrors.StoreDamaged"/>, with the file and where in it.</exception>
    public void Verify(long from, long until, byte[] digests)
    {
        if (digests.Length != (until - from) / _blockBytes * FileRange.DigestBytes)
        {
            throw Damaged($"The log in {folder} has {(until - from) / _blockBytes} blocks, and its checkpoint states the digests of {digests.Length / FileRange.DigestBytes}");
        }

        Span<byte> found = stackalloc byte[FileRange.DigestBytes];
        for (var at = from; at < until; at += _blockBytes)
        {
            var range = RangeOf(at, at + _blockBytes);
            if (!range.TryDigest(found, CancellationToken.None))
            {
                throw TooShort(range);
            }

            if (!found.SequenceEqual(At(digests, from, at)))
            {
                throw Damaged($"{range.Path} differs from what the last checkpoint left, between the bytes {range.From} and {range.Until}");
            }
        }
    }

    /// <summary>Copies a part of the log into a file.</summary>
    public void Save(long from, long until, string path, CancellationToken cancellationToken)
    {
        using var copy = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        foreach (var range in RangesOf(from, until))
        {
            if (!range.TryRead((_, bytes) => copy.Write(bytes), cancellationToken))
            {
                throw TooShort(range);
            }
        }

        copy.Flush(flushToDisk: true);
    }

    /// <summary>Brings a part of the log back to what was saved of it.</summary>
    /// <exception cref="MlpException"><see cref="FeatureErrors.StoreDamaged"/>: a file of the log is missing or too short.</exception>
    public void Restore(long from, long until, string path)
    {
        using var copy = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        var saved = Array.Empty<byte>();
        foreach (var range in RangesOf(from, until))
        {
            var changed = new List<(long Offset, byte[] Bytes)>();
            var isWhole = range.TryRead(
                (offset, bytes) =>
                {
                    saved = saved.Length < bytes.Length ? new byte[bytes.Length] : saved;
                    copy.ReadExactly(saved, 0, bytes.Length);
                    if (!bytes.SequenceEqual(saved.AsSpan(0, bytes.Length)))
                    {
                        changed.Add((offset, saved[..bytes.Length]));
                    }
                },
                CancellationToken.None);
            if (!isWhole)
            {
                throw TooShort(range);
            }

            if (changed.Count > 0)
            {
                using var file = new FileStream(range.Path, FileMode.Open, FileAccess.Write, FileShare.Read);
                foreach (var (offset, bytes) in changed)
                {
                    file.Position = offset;
                    file.Write(bytes);
                }

                file.Flush(flushToDisk: true);
            }
        }
    }

    /// <summary>Removes the files that lie wholly behind the log's end: a killed process left them, and what it wrote there is in no checkpoint.</summary>
    public void RemoveBehind(long end)
    {
        foreach (var path in Directory.Exists(LogFolder) ? Directory.GetFiles(LogFolder, FilePrefix + "*") : [])
        {
            if (long.TryParse(Path.GetFileName(path).AsSpan(FilePrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var segment) && segment > end / segmentBytes)
            {
                File.Delete(path);
            }
        }
    }

    private Span<byte> At(byte[] digests, long from, long at) =>
        digests.AsSpan((int)((at - from) / _blockBytes * FileRange.DigestBytes), FileRange.DigestBytes);

    private FileRange RangeOf(long from, long until)
    {
        var segment = from / segmentBytes;
        var begin = segment * segmentBytes;
        return new FileRange(Path.Combine(LogFolder, FilePrefix + segment.ToString(CultureInfo.InvariantCulture)), from - begin, until - begin);
    }

    private IEnumerable<FileRange> RangesOf(long from, long until)
    {
        for (var at = from; at < until; at = Math.Min(until, ((at / segmentBytes) + 1) * segmentBytes))
        {
            yield return RangeOf(at, Math.Min(until, ((at / segmentBytes) + 1) * segmentBytes));
        }
    }

    private static MlpException TooShort(FileRange range) =>
        Damaged($"{range.Path} {(File.Exists(range.Path) ? $"ends at the byte {new FileInfo(range.Path).Length}" : "is missing")}, though the last checkpoint needs the bytes {range.From} to {range.Until} of it");

    private static MlpException Damaged(string what) => new(FeatureErrors.StoreDamaged, $"{what}: remove the folder and materialise again.");
}
