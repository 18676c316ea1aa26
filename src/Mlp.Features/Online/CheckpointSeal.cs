using FASTER.core;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>A file of a checkpoint.</summary>
/// <param name="Path">Below the folder of the checkpoints.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Digest">The digest of its bytes.</param>
internal sealed record SealedFile(string Path, long Bytes, string Digest);

/// <summary>
/// What a checkpoint has left on disk, so that whatever has become of it is noticed when the store opens. The log before the checkpoint began
/// never changes again: digests of its blocks state it. The little behind that may: the engine writes the last sector once more as the log grows,
/// and takes out what was pushed beside the checkpoint when it recovers. Of that part there is a copy, which is put back before it recovers.
/// </summary>
/// <param name="LogBegin">Where the first block of the log begins that is in use.</param>
/// <param name="LogFixed">Until where the log never changes again; a block begins there.</param>
/// <param name="LogEnd">Where the log ends.</param>
/// <param name="Files">The checkpoint's files: the engine's, the digests and the copy.</param>
internal sealed record CheckpointSeal(long LogBegin, long LogFixed, long LogEnd, IReadOnlyList<SealedFile> Files)
{
    private const string Part = "cpr-checkpoints";
    private const string DigestsName = "log.digests";
    private const string EndName = "log.end";

    /// <summary>The digests of the log's blocks; at hand in the process that has made or verified them.</summary>
    private byte[] Digests { get; init; } = [];

    /// <summary>Seals a checkpoint that is complete. Reads what has come to the log since the last one, and the checkpoint's own files.</summary>
    /// <param name="folder">The store's folder.</param>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="blocks">The log.</param>
    /// <param name="last">The seal of the checkpoint before; null where there is none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static CheckpointSeal Make(string folder, Guid checkpoint, LogBlocks blocks, CheckpointSeal? last, CancellationToken cancellationToken)
    {
        var checkpoints = CheckpointsOf(folder);
        var log = AddressesOf(checkpoints, checkpoint);
        var begin = blocks.BeginOf(log.beginAddress);
        var @fixed = blocks.BeginOf(log.startLogicalAddress);

        // Of an empty log there may be no file at all.
        var end = log.beginAddress == log.finalLogicalAddress ? @fixed : log.finalLogicalAddress;
        var digests = blocks.Digest(begin, @fixed, last?.Digests ?? [], last?.LogBegin ?? 0, cancellationToken);
        var own = Path.Combine(checkpoints, Part, checkpoint.ToString());
        WriteDurably(Path.Combine(own, DigestsName), digests);
        blocks.Save(@fixed, end, Path.Combine(own, EndName), cancellationToken);
        var files = Directory.EnumerateDirectories(checkpoints).Select(part => Path.Combine(part, checkpoint.ToString())).Where(Directory.Exists)
            .SelectMany(Directory.EnumerateFiles).Select(path => Seal(checkpoints, path, cancellationToken)).OrderBy(f => f.Path, StringComparer.Ordinal);
        return new CheckpointSeal(begin, @fixed, end, [.. files]) { Digests = digests };
    }

    /// <summary>Compares what is on disk with the seal, and puts the log's end back.</summary>
    /// <returns>The seal, for the next checkpoint to go on from.</returns>
    /// <exception cref="MlpException"><see cref="FeatureErrors.StoreDamaged"/>, with the file.</exception>
    public CheckpointSeal Verify(string folder, Guid checkpoint, LogBlocks blocks)
    {
        var checkpoints = CheckpointsOf(folder);
        foreach (var file in Files)
        {
            var path = Path.Combine(checkpoints, file.Path);
            if (!File.Exists(path) || Seal(checkpoints, path, CancellationToken.None) is var found && found != file)
            {
                throw new MlpException(FeatureErrors.StoreDamaged, $"{path} is missing or differs from what the last checkpoint left ({file.Bytes} bytes, {file.Digest}): remove the folder and materialise again.");
            }
        }

        var own = Path.Combine(checkpoints, Part, checkpoint.ToString());
        var digests = File.ReadAllBytes(Path.Combine(own, DigestsName));
        blocks.Verify(LogBegin, LogFixed, digests);
        blocks.Restore(LogFixed, LogEnd, Path.Combine(own, EndName));
        blocks.RemoveBehind(LogEnd);
        return this with { Digests = digests };
    }

    private static string CheckpointsOf(string folder) => Path.Combine(folder, "checkpoints");

    private static HybridLogRecoveryInfo AddressesOf(string checkpoints, Guid checkpoint)
    {
        // The engine's own statement: its length, then its text.
        var path = Path.Combine(checkpoints, Part, checkpoint.ToString(), "info.dat.0");
        using var bytes = new BinaryReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        var length = bytes.ReadInt32();
        if (length <= 0 || length > bytes.BaseStream.Length - sizeof(int))
        {
            throw new IOException($"{path} states {length} bytes and has {bytes.BaseStream.Length - sizeof(int)}.");
        }

        using var text = new StreamReader(new MemoryStream(bytes.ReadBytes(length)));
        var info = default(HybridLogRecoveryInfo);
        info.Initialize(text);
        return info;
    }

    private static SealedFile Seal(string checkpoints, string path, CancellationToken cancellationToken)
    {
        Span<byte> digest = stackalloc byte[FileRange.DigestBytes];
        var range = FileRange.Whole(path);
        return range.TryDigest(digest, cancellationToken)
            ? new SealedFile(Path.GetRelativePath(checkpoints, path).Replace('\\', '/'), range.Until, ContentDigest.Prefix + Convert.ToHexStringLower(digest))
            : throw new IOException($"{path} became shorter while it was read.");
    }

    private static void WriteDurably(string path, ReadOnlySpan<byte> bytes)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        stream.Write(bytes);
        stream.Flush(flushToDisk: true);
    }
}
