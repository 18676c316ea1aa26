using System.Buffers;
using System.Text.Json;

namespace Mlp.Monitoring;

/// <summary><c>profile.json</c> in and out.</summary>
public static class DataProfileJson
{
    private const int CurrentFormat = 1;

    /// <summary>Writes a profile: the same bytes for the same rows in the same order. About 8 kB a column with the default sketch.</summary>
    public static byte[] Write(DataProfile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("format", CurrentFormat);
            json.WriteNumber("rows", profile.Rows);
            json.WriteStartArray("columns");
            foreach (var column in profile.Columns)
            {
                json.WriteStartObject();
                json.WriteString("name", column.Name);
                json.WriteNumber("values", column.Values);
                json.WriteNumber("missing", column.Missing);
                if (column.Values > 0)
                {
                    json.WriteReal("mean", column.Mean);
                    json.WriteReal("squaresSum", column.Moments.SquaresSum);
                }

                json.WritePropertyName("sketch");
                QuantileSketchJson.Write(json, column.Sketch);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads and checks a profile. Properties that this version does not know are skipped.</summary>
    /// <param name="utf8">The file's bytes.</param>
    /// <param name="limits">What to accept; null for <see cref="MonitoringLimits.Default"/>.</param>
    /// <param name="path">The file's name for error messages.</param>
    /// <exception cref="MonitoringException"><see cref="MonitoringErrors.ProfileInvalid"/>: no JSON, no profile that this library could have written, or beyond a limit.</exception>
    public static DataProfile Read(ReadOnlySpan<byte> utf8, MonitoringLimits? limits = null, string path = DataProfile.FileName)
    {
        limits ??= MonitoringLimits.Default;
        limits.Validate();
        return BoundedJson.ReadFile(utf8, limits, MonitoringErrors.ProfileInvalid, path, static (scoped ref json) => ReadProfile(ref json));
    }

    private static DataProfile ReadProfile(scoped ref BoundedJson json)
    {
        var known = false;
        long rows = -1;
        List<ColumnProfile> columns = [];
        json.Object("profile", (scoped ref reader, name) =>
        {
            switch (name)
            {
                case "format":
                    reader.Format(CurrentFormat);
                    known = true;
                    break;
                case "rows": rows = reader.Integer(name); break;
                case "columns": columns = reader.List(name, static (scoped ref r) => ReadColumn(ref r)); break;
                default: reader.Skip(); break;
            }
        });

        if (!known || rows < 0 || columns.Count == 0)
        {
            throw json.Invalid("the end of a profile without 'format', 'columns' or 'rows' of at least 0");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var column in columns)
        {
            if (!names.Add(column.Name))
            {
                throw json.Invalid($"the column '{column.Name}' twice");
            }

            if (column.Rows != rows)
            {
                throw json.Invalid(FormattableString.Invariant($"the column '{column.Name}' with {column.Values} values and {column.Missing} missing in {rows} rows"));
            }
        }

        return new DataProfile(rows, [.. columns]);
    }

    private static ColumnProfile ReadColumn(scoped ref BoundedJson json)
    {
        string? columnName = null;
        long values = -1, missing = -1;
        double mean = double.NaN, squaresSum = double.NaN;
        QuantileSketch? sketch = null;
        json.Object("column", (scoped ref reader, name) =>
        {
            switch (name)
            {
                case "name": columnName = reader.Text(name); break;
                case "values": values = reader.Integer(name); break;
                case "missing": missing = reader.Integer(name); break;
                case "mean": mean = reader.FiniteReal(name); break;
                case "squaresSum": squaresSum = reader.FiniteReal(name); break;
                case "sketch":
                    reader.Next();
                    sketch = QuantileSketchJson.ReadSketch(ref reader);
                    break;
                default: reader.Skip(); break;
            }
        });

        if (string.IsNullOrEmpty(columnName) || values < 0 || missing < 0 || sketch is null)
        {
            throw json.Invalid("the end of a column without 'name', 'sketch', or 'values' and 'missing' of at least 0");
        }

        if (sketch.Count != values || long.MaxValue - values < missing)
        {
            throw json.Invalid(FormattableString.Invariant($"the column '{columnName}' with {values} values, {missing} missing, and a sketch of {sketch.Count}"));
        }

        if (values == 0)
        {
            return new ColumnProfile(columnName, new Moments { Missing = missing }, sketch);
        }

        return double.IsNaN(mean) || !(squaresSum >= 0)
            ? throw json.Invalid($"the column '{columnName}' without 'mean' or 'squaresSum' of at least 0")
            : new ColumnProfile(columnName, new Moments { Count = values, Missing = missing, Mean = mean, SquaresSum = squaresSum, Min = sketch.Min, Max = sketch.Max }, sketch);
    }
}
