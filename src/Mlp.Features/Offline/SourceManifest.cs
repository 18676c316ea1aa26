using System.Text.Json;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>A Parquet file of a batch.</summary>
/// <param name="Path">Below the source's folder: its partition's folder, slash, name.</param>
/// <param name="Rows">Events in it.</param>
/// <param name="Digest">The digest of the file's bytes.</param>
/// <param name="First">The first event's time in microseconds.</param>
/// <param name="Last">The last event's time in microseconds.</param>
/// <param name="Schema">What columns it has.</param>
internal sealed record SourceFile(string Path, long Rows, string Digest, long First, long Last, SourceSchema Schema);

/// <summary>One appended batch of events.</summary>
/// <param name="Batch">The name it was appended under.</param>
/// <param name="Files">Its files, in the order of time.</param>
internal sealed record SourceBatch(string Batch, IReadOnlyList<SourceFile> Files)
{
    public long Rows => Files.Sum(f => f.Rows);
}

/// <summary>The list of a source's files. It is replaced as a whole, so an append is seen whole or not at all.</summary>
internal sealed record SourceManifest(IReadOnlyList<SourceBatch> Batches)
{
    private const string FileName = "source.json";
    private const int Format = 3;

    // Had one schema, that of all files.
    private const int OlderFormat = 2;

    /// <summary>All files, batch by batch.</summary>
    public IEnumerable<SourceFile> Files => Batches.SelectMany(b => b.Files);

    /// <summary>What columns the files have, each schema once.</summary>
    public IEnumerable<SourceSchema> Schemas => Files.Select(f => f.Schema).Distinct();

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
            return Parse(json.RootElement);
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
            throw new MlpException(ErrorCodes.LimitReached, $"{path} with {Batches.Count} batches in {Files.Count()} files would have {bytes.Length} bytes, more than {nameof(OfflineStoreOptions.ListBytesMax)}, {bytesMax}; nothing was appended. Raise that, or append fewer, larger batches.");
        }

        using (var stream = new FileStream(path + ".tmp", FileMode.Create, FileAccess.Write, FileShare.None))
        {
            stream.Write(bytes);
            stream.Flush(flushToDisk: true);
        }

        File.Move(path + ".tmp", path, overwrite: true);
    }

    private static SourceManifest Parse(JsonElement root)
    {
        var schemas = root.GetProperty("format").GetInt32() switch
        {
            Format => root.GetProperty("schemas").EnumerateArray().Select(s => SourceSchema.Parse(s.GetString()!)).ToArray(),
            OlderFormat => [SourceSchema.ParseOlder(root.GetProperty("schema").GetString()!)],
            var other => throw new FormatException($"format {other}, expected {Format}"),
        };
        var batches = root.GetProperty("batches").EnumerateArray().Select(b => new SourceBatch(
            b.GetProperty("batch").GetString()!,
            [.. b.GetProperty("files").EnumerateArray().Select(f => new SourceFile(
                f.GetProperty("file").GetString()!, f.GetProperty("rows").GetInt64(), f.GetProperty("digest").GetString()!, f.GetProperty("first").GetInt64(), f.GetProperty("last").GetInt64(), SchemaOf(f)))])).ToArray();
        return batches.SelectMany(b => b.Files).All(f => PartitionSpan.IsFile(f.Path) && ContentDigest.IsWellFormed(f.Digest) && f.First <= f.Last)
            ? new SourceManifest(batches)
            : throw new FormatException("a file that has no name, no digest or no time");

        // Of most files it is the first, and is not said.
        SourceSchema SchemaOf(JsonElement file) => (file.TryGetProperty("schema", out var at) ? at.GetInt32() : 0) is var index && (uint)index < (uint)schemas.Length
            ? schemas[index]
            : throw new FormatException($"a file's schema is {index} of {schemas.Length}");
    }

    private byte[] Json()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            var schemas = Schemas.ToList();
            json.WriteStartArray("schemas");
            schemas.ForEach(s => json.WriteStringValue(s.Canonical));
            json.WriteEndArray();
            json.WriteStartArray("batches");
            foreach (var batch in Batches)
            {
                json.WriteStartObject();
                json.WriteString("batch", batch.Batch);
                json.WriteStartArray("files");
                foreach (var file in batch.Files)
                {
                    json.WriteStartObject();
                    json.WriteString("file", file.Path);
                    json.WriteNumber("rows", file.Rows);
                    json.WriteString("digest", file.Digest);
                    json.WriteNumber("first", file.First);
                    json.WriteNumber("last", file.Last);
                    if (schemas.IndexOf(file.Schema) is var schema and > 0)
                    {
                        json.WriteNumber("schema", schema);
                    }

                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }
}
