using System.Text.Json;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// What a store's folder states: the definitions it was made with, the sizes its files are laid out by, and its last whole state. Replaced as
/// a whole, after that state is on disk.
/// </summary>
internal sealed record StoreManifest(string Schema, long PageBytes, long SegmentBytes, Guid Checkpoint, long CompleteUntilMicros, CheckpointSeal Seal)
{
    private const string FileName = "store.json";
    private const int Format = 4;
    private const int BytesMax = 1 << 20;

    /// <summary>Reads the manifest; null where the folder is new.</summary>
    public static StoreManifest? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            var file = new FileInfo(path);
            if (file.Length > BytesMax)
            {
                throw new FormatException($"{file.Length} bytes, more than {BytesMax}");
            }

            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return Of(json.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new MlpException(FeatureErrors.StoreDamaged, $"{path} is damaged ({e.Message}): remove the folder and materialise again.", e);
        }
    }

    /// <summary>Refuses to open the folder for other definitions, or with sizes that its files are not laid out by.</summary>
    public void Require(string folder, string schema, OnlineStoreOptions options)
    {
        if (Schema != schema)
        {
            throw new MlpException(FeatureErrors.SchemaMismatch, $"The store in {folder} was made for other definitions; remove the folder and materialise again.\nthere:\n{Schema}\nhere:\n{schema}");
        }

        if (PageBytes != options.PageBytes || SegmentBytes != options.SegmentBytes)
        {
            var differences = new List<string>();
            if (PageBytes != options.PageBytes)
            {
                differences.Add($"{nameof(OnlineStoreOptions.PageBytes)} is {PageBytes} there and {options.PageBytes} here");
            }

            if (SegmentBytes != options.SegmentBytes)
            {
                differences.Add($"{nameof(OnlineStoreOptions.SegmentBytes)} is {SegmentBytes} there and {options.SegmentBytes} here");
            }

            throw new MlpException(FeatureErrors.LayoutMismatch, $"The files of the store in {folder} are laid out by other sizes: {string.Join("; ", differences)}. Open it with those, or remove the folder and materialise again.");
        }
    }

    public void Write(string folder)
    {
        var path = Path.Combine(folder, FileName);
        using (var stream = new FileStream(path + ".tmp", FileMode.Create, FileAccess.Write, FileShare.None))
        {
            stream.Write(Json(DigestOf()));
            stream.Flush(flushToDisk: true);
        }

        File.Move(path + ".tmp", path, overwrite: true);
    }

    private static StoreManifest Of(JsonElement root)
    {
        if (root.GetProperty("format").GetInt32() != Format)
        {
            throw new FormatException($"format {root.GetProperty("format")}, expected {Format}");
        }

        var log = root.GetProperty("log");
        var files = root.GetProperty("files").EnumerateArray().Select(f => new SealedFile(f.GetProperty("path").GetString()!, f.GetProperty("bytes").GetInt64(), f.GetProperty("digest").GetString()!)).ToArray();
        var manifest = new StoreManifest(
            root.GetProperty("schema").GetString()!,
            root.GetProperty("pageBytes").GetInt64(),
            root.GetProperty("segmentBytes").GetInt64(),
            root.GetProperty("checkpoint").GetGuid(),
            root.GetProperty("completeUntil").GetInt64(),
            new CheckpointSeal(log.GetProperty("begin").GetInt64(), log.GetProperty("fixed").GetInt64(), log.GetProperty("end").GetInt64(), files));
        return root.GetProperty("digest").GetString() == manifest.DigestOf()
            ? manifest
            : throw new FormatException("its digest is another");
    }

    // Of what the manifest says, not of how it is laid out.
    private string DigestOf() => ContentDigest.Of(Json(digest: null));

    private byte[] Json(string? digest)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteString("schema", Schema);
            json.WriteNumber("pageBytes", PageBytes);
            json.WriteNumber("segmentBytes", SegmentBytes);
            json.WriteString("checkpoint", Checkpoint);
            json.WriteNumber("completeUntil", CompleteUntilMicros);
            json.WriteStartObject("log");
            json.WriteNumber("begin", Seal.LogBegin);
            json.WriteNumber("fixed", Seal.LogFixed);
            json.WriteNumber("end", Seal.LogEnd);
            json.WriteEndObject();
            json.WriteStartArray("files");
            foreach (var file in Seal.Files)
            {
                json.WriteStartObject();
                json.WriteString("path", file.Path);
                json.WriteNumber("bytes", file.Bytes);
                json.WriteString("digest", file.Digest);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (digest is not null)
            {
                json.WriteString("digest", digest);
            }

            json.WriteEndObject();
        }

        return bytes.ToArray();
    }
}
