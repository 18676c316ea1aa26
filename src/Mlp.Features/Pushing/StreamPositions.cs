using System.Text.Json;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// Which offset of a stream the online store's checkpoints have seen. An entry is written before its checkpoint and found by the checkpoint's
/// time afterwards: whether the checkpoint came to be or not, one of the two entries is the store's.
/// </summary>
internal sealed class StreamPositions
{
    private const string Suffix = ".stream.json";

    private readonly string _path;
    private readonly List<(DateTime? Until, long Next)> _entries = [];

    private StreamPositions(string path) => _path = path;

    public static StreamPositions Read(string folder, string stream)
    {
        var positions = new StreamPositions(Path.Combine(folder, stream + Suffix));
        if (!File.Exists(positions._path))
        {
            return positions;
        }

        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(positions._path));
            foreach (var entry in json.RootElement.EnumerateArray())
            {
                var until = entry.GetProperty("until");
                positions._entries.Add((until.ValueKind == JsonValueKind.Null ? null : FeatureTime.FromMicros(until.GetInt64()), entry.GetProperty("next").GetInt64()));
            }

            return positions;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentOutOfRangeException)
        {
            throw new MlpException(FeatureErrors.StoreDamaged, $"{positions._path} is damaged ({e.Message}): remove it, materialise into a new online store, and go on.", e);
        }
    }

    /// <summary>The first offset that the checkpoint of a time has not seen; null where it is none of this stream's.</summary>
    public long? Of(DateTime? completeUntil)
    {
        var index = _entries.FindLastIndex(e => e.Until == completeUntil);
        return index < 0 ? null : _entries[index].Next;
    }

    /// <summary>Says what the next checkpoint will have seen, and keeps what the last one has: of those between, none came to be.</summary>
    public void Write(DateTime? lastCheckpoint, DateTime? completeUntil, long next)
    {
        _entries.RemoveAll(e => e.Until != lastCheckpoint || e.Until == completeUntil);
        _entries.Add((completeUntil, next));

        using (var stream = new FileStream(_path + ".tmp", FileMode.Create, FileAccess.Write, FileShare.None))
        {
            using (var json = new Utf8JsonWriter(stream))
            {
                json.WriteStartArray();
                foreach (var (until, seen) in _entries)
                {
                    json.WriteStartObject();
                    if (until is { } time)
                    {
                        json.WriteNumber("until", FeatureTime.Micros(time));
                    }
                    else
                    {
                        json.WriteNull("until");
                    }

                    json.WriteNumber("next", seen);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            stream.Flush(flushToDisk: true);
        }

        File.Move(_path + ".tmp", _path, overwrite: true);
    }
}
