using System.Text.Json;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>One appended batch of events: a Parquet file.</summary>
/// <param name="Batch">The name it was appended under.</param>
/// <param name="File">The file's name.</param>
/// <param name="Rows">Events in it.</param>
/// <param name="Digest">The digest of the file's bytes.</param>
internal sealed record SourceBatch(string Batch, string File, long Rows, string Digest);

/// <summary>The list of a source's files. It is replaced as a whole, so an append is seen whole or not at all.</summary>
internal sealed record SourceManifest(string Schema, IReadOnlyList<SourceBatch> Batches)
{
    private const string FileName = "source.json";
    private const int Format = 1;

    /// <summary>Reads the manifest of a source's folder; null where nothing was appended.</summary>
    /// <param name="folder">The source's folder.</param>
    /// <param name="bytesMax">The most that it may have.</param>
    public static SourceManifest? Read(string folder, int bytesMax)
    {
        var path = Path.Combine(folder, FileName);
        if (Directory.Exists(path))
        {
            throw new MlpException(FeatureErrors.StoreDamaged, $"{path} is a folder, where the list of the source's batches is expected: remove {folder} and append the source again.");
        }

        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            if (new FileInfo(path).Length is var bytes && bytes > bytesMax)
            {
                throw new MlpException(ErrorCodes.LimitReached, $"{path} has {bytes} bytes, more than {nameof(OfflineStoreOptions.ListBytesMax)}, {bytesMax}: raise that.");
            }

            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = json.RootElement;
            if (root.GetProperty("format").GetInt32() != Format)
            {
                throw new FormatException($"format {root.GetProperty("format")}, expected {Format}");
            }

            var batches = root.GetProperty("batches").EnumerateArray().Select(b => new SourceBatch(
                b.GetProperty("batch").GetString()!, b.GetProperty("file").GetString()!, b.GetProperty("rows").GetInt64(), b.GetProperty("digest").GetString()!)).ToArray();
            if (batches.Any(b => !PackagePath.IsName(b.File) || !ContentDigest.IsWellFormed(b.Digest)))
            {
                throw new FormatException("a file that has no name or no digest");
            }

            return new SourceManifest(root.GetProperty("schema").GetString()!, batches);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new MlpException(FeatureErrors.StoreDamaged, $"{path} is damaged ({e.Message}): remove the folder and append the source again.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MlpException(FeatureErrors.StoreUnavailable, $"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Replaces the list, unless it would be longer than may be read again.</summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.LimitReached"/>; the list is as it was.</exception>
    public void Write(string folder, int bytesMax)
    {
        var bytes = Json();
        var path = Path.Combine(folder, FileName);
        if (bytes.Length > bytesMax)
        {
            throw new MlpException(ErrorCodes.LimitReached, $"{path} with {Batches.Count} batches would have {bytes.Length} bytes, more than {nameof(OfflineStoreOptions.ListBytesMax)}, {bytesMax}; nothing was appended. Raise that, or append fewer, larger batches.");
        }

        using (var stream = new FileStream(path + ".tmp", FileMode.Create, FileAccess.Write, FileShare.None))
        {
            stream.Write(bytes);
            stream.Flush(flushToDisk: true);
        }

        File.Move(path + ".tmp", path, overwrite: true);
    }

    private byte[] Json()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteString("schema", Schema);
            json.WriteStartArray("batches");
            foreach (var batch in Batches)
            {
                json.WriteStartObject();
                json.WriteString("batch", batch.Batch);
                json.WriteString("file", batch.File);
                json.WriteNumber("rows", batch.Rows);
                json.WriteString("digest", batch.Digest);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }
}
