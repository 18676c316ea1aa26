using System.Text.Json;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// What a store's folder states: the definitions it was made with, the sizes its files are laid out by, and its last whole state. Replaced as
/// a whole, after that state is on disk.
/// </summary>
/// <param name="Schema">The definitions.</param>
/// <param name="PageBytes">One page of the log.</param>
/// <param name="SegmentBytes">One file of the log.</param>
/// <param name="Checkpoint">The last whole state.</param>
/// <param name="CompleteUntilMicros">All events known before it are in that state; <see cref="long.MinValue"/> where that was never said.</param>
/// <param name="NewestMicros">The newest event or row in that state, which may be behind that; <see cref="long.MinValue"/> of an empty store.</param>
/// <param name="Seal">What that state is on disk.</param>
/// <param name="Journal">Where in the journal that state is; null without one.</param>
/// <param name="Filled">How many of the views, those first, have what is known of before <paramref name="CompleteUntilMicros"/>; the others were added behind it.</param>
/// <param name="Streams">Of each stream that feeds the store, the first offset that is not in that state; in the order of their names.</param>
internal sealed record StoreManifest(string Schema, long PageBytes, long SegmentBytes, Guid Checkpoint, long CompleteUntilMicros, long NewestMicros, CheckpointSeal Seal, JournalPlace? Journal, int Filled, IReadOnlyList<KeyValuePair<string, long>> Streams)
{
    private const string FileName = "store.json";
    private const int Format = 7;
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

    /// <summary>Refuses to open the folder for definitions that its rows cannot follow, or with sizes that its files are not laid out by.</summary>
    /// <returns>By the views' numbers, how older rows become those of the definitions; null where all are as they should be.</returns>
    public ViewMigration?[]? Require(string folder, ViewPlan[] plans, OnlineStoreOptions options)
    {
        var migrations = ViewMigration.Of(folder, Schema, plans);
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

        return migrations;
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
        var journal = root.GetProperty("journal");
        var files = root.GetProperty("files").EnumerateArray().Select(f => new SealedFile(f.GetProperty("path").GetString()!, f.GetProperty("bytes").GetInt64(), f.GetProperty("digest").GetString()!)).ToArray();
        var manifest = new StoreManifest(
            root.GetProperty("schema").GetString()!,
            root.GetProperty("pageBytes").GetInt64(),
            root.GetProperty("segmentBytes").GetInt64(),
            root.GetProperty("checkpoint").GetGuid(),
            root.GetProperty("completeUntil").GetInt64(),
            root.GetProperty("newest").GetInt64(),
            new CheckpointSeal(log.GetProperty("begin").GetInt64(), log.GetProperty("fixed").GetInt64(), log.GetProperty("end").GetInt64(), files),
            journal.ValueKind == JsonValueKind.Null ? null : new JournalPlace(journal.GetProperty("id").GetGuid(), journal.GetProperty("address").GetInt64(), journal.GetProperty("number").GetInt64()),
            root.TryGetProperty("filled", out var filled) ? filled.GetInt32() : ViewsOf(root.GetProperty("schema").GetString()!),
            [.. root.GetProperty("streams").EnumerateObject().Select(s => KeyValuePair.Create(s.Name, s.Value.GetInt64()))]);
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
            json.WriteNumber("newest", NewestMicros);
            if (Filled != ViewsOf(Schema))
            {
                json.WriteNumber("filled", Filled);
            }

            WriteJournal(json);
            json.WriteStartObject("streams");
            foreach (var (stream, next) in Streams)
            {
                json.WriteNumber(stream, next);
            }

            json.WriteEndObject();
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

    private static int ViewsOf(string schema) => schema.AsSpan().Count('\n') + 1;

    private void WriteJournal(Utf8JsonWriter json)
    {
        if (Journal is null)
        {
            json.WriteNull("journal");
            return;
        }

        json.WriteStartObject("journal");
        json.WriteString("id", Journal.Journal);
        json.WriteNumber("address", Journal.Address);
        json.WriteNumber("number", Journal.Number);
        json.WriteEndObject();
    }
}
