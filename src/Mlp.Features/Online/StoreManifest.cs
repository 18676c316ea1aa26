using System.Text.Json;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>What a store's folder states: the definitions it was made with, and its last whole state. Replaced as a whole, after that state is on disk.</summary>
internal sealed record StoreManifest(string Schema, Guid Checkpoint, long CompleteUntilMicros)
{
    private const string FileName = "store.json";
    private const int Format = 1;
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
            var root = json.RootElement;
            return root.GetProperty("format").GetInt32() == Format
                ? new StoreManifest(root.GetProperty("schema").GetString()!, root.GetProperty("checkpoint").GetGuid(), root.GetProperty("completeUntil").GetInt64())
                : throw new FormatException($"format {root.GetProperty("format")}, expected {Format}");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new MlpException(FeatureErrors.StoreDamaged, $"{path} is damaged ({e.Message}): remove the folder and materialise again.", e);
        }
    }

    public void Write(string folder)
    {
        var path = Path.Combine(folder, FileName);
        using (var stream = new FileStream(path + ".tmp", FileMode.Create, FileAccess.Write, FileShare.None))
        {
            using (var json = new Utf8JsonWriter(stream))
            {
                json.WriteStartObject();
                json.WriteNumber("format", Format);
                json.WriteString("schema", Schema);
                json.WriteString("checkpoint", Checkpoint);
                json.WriteNumber("completeUntil", CompleteUntilMicros);
                json.WriteEndObject();
            }

            stream.Flush(flushToDisk: true);
        }

        File.Move(path + ".tmp", path, overwrite: true);
    }
}
