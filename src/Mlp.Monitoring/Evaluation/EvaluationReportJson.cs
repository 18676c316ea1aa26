using System.Buffers;
using System.Text.Json;

namespace Mlp.Monitoring;

/// <summary><c>evaluation.json</c> in and out. NaN and the infinities are the strings "NaN", "Infinity" and "-Infinity".</summary>
public static class EvaluationReportJson
{
    private const int CurrentFormat = 1;

    /// <summary>Writes a report, indented, metrics in ordinal order of their names: the same bytes for the same content.</summary>
    public static byte[] Write(EvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteNumber("format", CurrentFormat);
            json.WriteNumber("rows", report.Rows);
            WriteMetrics(json, report.Metrics);
            json.WriteStartArray("slices");
            foreach (var slice in report.Slices)
            {
                json.WriteStartObject();
                json.WriteString("name", slice.Name);
                json.WriteString("value", slice.Value);
                json.WriteNumber("rows", slice.Rows);
                WriteMetrics(json, slice.Metrics);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads and checks a report. Properties that this version does not know are skipped.</summary>
    /// <param name="utf8">The file's bytes.</param>
    /// <param name="limits">What to accept; null for <see cref="MonitoringLimits.Default"/>.</param>
    /// <param name="path">The file's name for error messages.</param>
    /// <exception cref="MonitoringException"><see cref="MonitoringErrors.EvaluationInvalid"/>: no JSON, a property is missing, or beyond a limit.</exception>
    public static EvaluationReport Read(ReadOnlySpan<byte> utf8, MonitoringLimits? limits = null, string path = EvaluationReport.FileName)
    {
        limits ??= MonitoringLimits.Default;
        limits.Validate();
        return BoundedJson.ReadFile(utf8, limits, MonitoringErrors.EvaluationInvalid, path, static (scoped ref json) => ReadReport(ref json));
    }

    private static void WriteMetrics(Utf8JsonWriter json, IReadOnlyDictionary<string, double> metrics)
    {
        var names = new string[metrics.Count];
        var count = 0;
        foreach (var name in metrics.Keys)
        {
            names[count++] = name;
        }

        Array.Sort(names, StringComparer.Ordinal);
        json.WriteStartObject("metrics");
        foreach (var name in names)
        {
            json.WriteReal(name, metrics[name]);
        }

        json.WriteEndObject();
    }

    private static EvaluationReport ReadReport(scoped ref BoundedJson json)
    {
        var known = false;
        long rows = -1;
        Dictionary<string, double>? metrics = null;
        List<EvaluationSlice> slices = [];
        json.Object("report", (scoped ref reader, name) =>
        {
            switch (name)
            {
                case "format":
                    reader.Format(CurrentFormat);
                    known = true;
                    break;
                case "rows": rows = reader.Integer(name); break;
                case "metrics": metrics = ReadMetrics(ref reader); break;
                case "slices": slices = reader.List(name, static (scoped ref r) => ReadSlice(ref r)); break;
                default: reader.Skip(); break;
            }
        });

        return !known || rows < 0 || metrics is null
            ? throw json.Invalid("the end of a report without 'format', 'metrics' or 'rows' of at least 0")
            : new EvaluationReport { Rows = rows, Metrics = metrics, Slices = slices };
    }

    private static EvaluationSlice ReadSlice(scoped ref BoundedJson json)
    {
        string? sliceName = null, value = null;
        long rows = -1;
        Dictionary<string, double>? metrics = null;
        json.Object("slice", (scoped ref reader, name) =>
        {
            switch (name)
            {
                case "name": sliceName = reader.Text(name); break;
                case "value": value = reader.Text(name); break;
                case "rows": rows = reader.Integer(name); break;
                case "metrics": metrics = ReadMetrics(ref reader); break;
                default: reader.Skip(); break;
            }
        });

        return string.IsNullOrEmpty(sliceName) || value is null || rows < 0 || metrics is null
            ? throw json.Invalid("the end of a slice without 'name', 'value', 'metrics' or 'rows' of at least 0")
            : new EvaluationSlice(sliceName, value, rows, metrics);
    }

    private static Dictionary<string, double> ReadMetrics(scoped ref BoundedJson json)
    {
        var metrics = new Dictionary<string, double>(StringComparer.Ordinal);
        json.Next();
        json.Object("metrics", (scoped ref reader, name) =>
        {
            if (!metrics.TryAdd(name, reader.Real(name)))
            {
                throw reader.Invalid($"the metric '{name}' twice");
            }
        });
        return metrics;
    }
}
