using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Mlp.Monitoring;

/// <summary>A quantile sketch in and out. A sketch that was read goes on as if it had never been written.</summary>
public static class QuantileSketchJson
{
    /// <summary>Writes a sketch: the same bytes for the same values in the same order.</summary>
    public static byte[] Write(QuantileSketch sketch)
    {
        ArgumentNullException.ThrowIfNull(sketch);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            Write(json, sketch);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads and checks a sketch.</summary>
    /// <param name="utf8">What <see cref="Write(QuantileSketch)"/> gave.</param>
    /// <param name="limits">What to accept; null for <see cref="MonitoringLimits.Default"/>.</param>
    /// <exception cref="MonitoringException"><see cref="MonitoringErrors.ProfileInvalid"/>: no JSON, or no sketch that this library could have written.</exception>
    public static QuantileSketch Read(ReadOnlySpan<byte> utf8, MonitoringLimits? limits = null)
    {
        limits ??= MonitoringLimits.Default;
        limits.Validate();
        return BoundedJson.ReadFile(utf8, limits, MonitoringErrors.ProfileInvalid, "sketch", static (scoped ref json) => ReadSketch(ref json));
    }

    internal static void Write(Utf8JsonWriter json, QuantileSketch sketch)
    {
        json.WriteStartObject();
        json.WriteNumber("k", sketch.K);
        json.WriteString("random", sketch.RandomState.ToString("x16", CultureInfo.InvariantCulture));
        if (sketch.Count > 0)
        {
            json.WriteNumber("min", sketch.Min);
            json.WriteNumber("max", sketch.Max);
        }

        json.WriteStartArray("levels");
        foreach (var level in sketch.Levels)
        {
            json.WriteStartArray();
            foreach (var value in level)
            {
                json.WriteNumberValue(value);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Reads the sketch that the reader stands on.</summary>
    internal static QuantileSketch ReadSketch(scoped ref BoundedJson json)
    {
        long k = 0;
        string? random = null;
        float min = float.NaN, max = float.NaN;
        List<List<float>>? levels = null;
        json.Object("sketch", (scoped ref reader, name) =>
        {
            switch (name)
            {
                case "k": k = reader.Integer(name); break;
                case "random": random = reader.Text(name); break;
                case "min": min = reader.FiniteSingle(name); break;
                case "max": max = reader.FiniteSingle(name); break;
                case "levels":
                    levels = reader.List(name, static (scoped ref r) => r.CurrentList("level", static (scoped ref v) => v.CurrentFiniteSingle("value")));
                    break;
                default: reader.Skip(); break;
            }
        });

        if (k is < QuantileSketch.KMin or > QuantileSketch.KMax)
        {
            throw json.Invalid(FormattableString.Invariant($"a sketch with k = {k}; expected {QuantileSketch.KMin} to {QuantileSketch.KMax}"));
        }

        if (!ulong.TryParse(random, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var state) || random.Length != 16)
        {
            throw json.Invalid($"a sketch with the random state '{random}'; expected 16 hexadecimal digits");
        }

        if (levels is null || levels.Count is 0 or > QuantileSketch.LevelsMax)
        {
            throw json.Invalid($"a sketch with {levels?.Count ?? 0} levels; expected 1 to {QuantileSketch.LevelsMax}");
        }

        CheckValues(ref json, levels, (int)k, min, max);
        return new QuantileSketch((int)k, state, levels) { Min = min, Max = max };
    }

    private static void CheckValues(scoped ref BoundedJson json, List<List<float>> levels, int k, float min, float max)
    {
        int held = 0, capacity = QuantileSketch.CapacityOf(levels.Count, k);
        Int128 count = 0;
        for (var level = 0; level < levels.Count; level++)
        {
            held += levels[level].Count;
            count += (Int128)levels[level].Count << level;
            foreach (var value in levels[level])
            {
                // Written so that a missing minimum or maximum, which is NaN, fails it too.
                if (!(value >= min && value <= max))
                {
                    throw json.Invalid(FormattableString.Invariant($"a sketch with the value {value} beyond its minimum {min} and maximum {max}"));
                }
            }
        }

        if (held >= capacity || count > long.MaxValue)
        {
            throw json.Invalid(FormattableString.Invariant($"a sketch with {held} values that stand for {count}; expected fewer than {capacity} for k = {k} with {levels.Count} levels"));
        }

        if (count == 0 && !(float.IsNaN(min) && float.IsNaN(max)))
        {
            throw json.Invalid("a sketch with a minimum or maximum of no values");
        }
    }
}
