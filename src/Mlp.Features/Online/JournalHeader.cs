using System.Text.Json;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>What a journal's folder states: which one it is, the definitions its entries speak of, how its files are laid out, and the checkpoint that it begins behind.</summary>
/// <param name="Journal">Which one it is.</param>
/// <param name="Schema">The definitions.</param>
/// <param name="PageBytes">One page.</param>
/// <param name="After">The checkpoint; null where it begins with an empty store.</param>
internal sealed record JournalHeader(Guid Journal, string Schema, long PageBytes, Guid? After)
{
    private const int Format = 1;
    private const int BytesMax = 1 << 20;

    /// <summary>Reads it; null where there is none.</summary>
    /// <exception cref="MlpException"><see cref="FeatureErrors.StoreDamaged"/>.</exception>
    public static JournalHeader? Read(JournalLayout layout)
    {
        var path = layout.HeaderName;
        if (!File.Exists(path))
        {
            return layout.HasFiles() ? throw layout.Damaged(path, 0, "it is missing, and says what the journal beside it is of") : null;
        }

        try
        {
            if (new FileInfo(path).Length is var bytes && bytes > BytesMax)
            {
                throw new FormatException($"{bytes} bytes, more than {BytesMax}");
            }

            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = json.RootElement;
            if (root.GetProperty("format").GetInt32() is var format && format != Format)
            {
                throw new FormatException($"format {format}, expected {Format}");
            }

            var after = root.GetProperty("after");
            var header = new JournalHeader(root.GetProperty("journal").GetGuid(), root.GetProperty("schema").GetString()!, root.GetProperty("pageBytes").GetInt64(), after.ValueKind == JsonValueKind.Null ? null : after.GetGuid());
            return root.GetProperty("digest").GetString() == header.DigestOf() ? header : throw new FormatException("its digest is another");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw layout.Damaged(path, 0, e.Message);
        }
    }

    /// <summary>Refuses to go on with another layout.</summary>
    public void RequireSize(JournalLayout layout)
    {
        if (PageBytes != layout.PageBytes)
        {
            throw new MlpException(FeatureErrors.LayoutMismatch, $"The journal in {layout.Folder} is laid out by another size: {nameof(OnlineStoreOptions.JournalPageBytes)} is {PageBytes} there and {layout.PageBytes} here. Open it with that; a checkpoint with another {nameof(OnlineStoreOptions.Durability)} ends the journal.");
        }
    }

    /// <summary>Where a checkpoint's state ends in the journal; null for a journal that the checkpoint has outlived.</summary>
    /// <exception cref="MlpException"><see cref="FeatureErrors.StoreDamaged"/>: the checkpoint goes on with another.</exception>
    public JournalPlace? PlaceBehind(JournalLayout layout, StoreManifest? manifest)
    {
        if (manifest?.Journal is { } place)
        {
            return place.Journal == Journal
                ? place
                : throw layout.Damaged(layout.HeaderName, 0, $"it is of the journal {Journal}, and the last checkpoint goes on with the journal {place.Journal}");
        }

        return After == manifest?.Checkpoint ? new JournalPlace(Journal, JournalLayout.FirstAddress, 0) : null;
    }

    public void Write(JournalLayout layout)
    {
        var path = layout.HeaderName;
        using (var stream = new FileStream(path + ".tmp", FileMode.Create, FileAccess.Write, FileShare.None))
        {
            stream.Write(Json(DigestOf()));
            stream.Flush(flushToDisk: true);
        }

        File.Move(path + ".tmp", path, overwrite: true);
    }

    private string DigestOf() => ContentDigest.Of(Json(digest: null));

    private byte[] Json(string? digest)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteString("journal", Journal);
            json.WriteString("schema", Schema);
            json.WriteNumber("pageBytes", PageBytes);
            if (After is { } after)
            {
                json.WriteString("after", after);
            }
            else
            {
                json.WriteNull("after");
            }

            if (digest is not null)
            {
                json.WriteString("digest", digest);
            }

            json.WriteEndObject();
        }

        return bytes.ToArray();
    }
}
