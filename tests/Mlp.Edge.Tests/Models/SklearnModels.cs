using System.Globalization;
using System.IO.Compression;
using System.Text.Json;

namespace Mlp.Edge.Tests.Models;

/// <summary>Models that scikit-learn trained, with rows and its own answers; see Oracle/make_sklearn.py.</summary>
internal sealed class SklearnModels
{
    private readonly Dictionary<string, byte[]> _entries = [];

    public SklearnModels(string path)
    {
        using var archive = ZipFile.OpenRead(path);
        foreach (var entry in archive.Entries)
        {
            using var stream = entry.Open();
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            _entries.Add(entry.FullName, bytes.ToArray());
        }

        Names = [.. _entries.Keys.Where(static name => name.EndsWith("/rows.json", StringComparison.Ordinal)).Select(static name => name[..^"/rows.json".Length])];
    }

    public IReadOnlyList<string> Names { get; }

    /// <summary>Bytes that running a model's rows again and again allocates, once they have been run.</summary>
    public long Allocated(string name)
    {
        using var json = JsonDocument.Parse(_entries[$"{name}/rows.json"]);
        var inputs = json.RootElement.GetProperty("inputs");
        var rows = inputs[0].GetProperty("values").GetArrayLength() / inputs[0].GetProperty("width").GetInt32();
        var session = EdgeModel.Load(_entries[$"{name}/model.onnx"]).CreateSession(rows);
        for (var i = 0; i < inputs.GetArrayLength(); i++)
        {
            Fill(session, i, inputs[i]);
        }

        session.Run(rows);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++)
        {
            session.Run(rows);
            _ = session.Output<float>(1)[0];
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Runs the rows as one batch and compares every output with scikit-learn's.</summary>
    public void Check(string name)
    {
        using var json = JsonDocument.Parse(_entries[$"{name}/rows.json"]);
        var inputs = json.RootElement.GetProperty("inputs");
        var rows = inputs[0].GetProperty("values").GetArrayLength() / inputs[0].GetProperty("width").GetInt32();
        var session = EdgeModel.Load(_entries[$"{name}/model.onnx"]).CreateSession(rows);
        for (var i = 0; i < inputs.GetArrayLength(); i++)
        {
            Fill(session, i, inputs[i]);
        }

        session.Run(rows);
        var outputs = json.RootElement.GetProperty("outputs");
        for (var o = 0; o < outputs.GetArrayLength(); o++)
        {
            Compare(session, o, outputs[o], name);
        }
    }

    private static void Fill(EdgeSession session, int input, JsonElement spec)
    {
        var values = spec.GetProperty("values");
        for (var i = 0; i < values.GetArrayLength(); i++)
        {
            switch (spec.GetProperty("type").GetString())
            {
                case "float32": session.Input<float>(input)[i] = values[i].ValueKind == JsonValueKind.Null ? float.NaN : values[i].GetSingle(); break;
                case "float64": session.Input<double>(input)[i] = values[i].GetDouble(); break;
                case "int64": session.Input<long>(input)[i] = values[i].GetInt64(); break;
                default: session.Texts(input)[i] = values[i].GetString()!; break;
            }
        }
    }

    private static void Compare(EdgeSession session, int output, JsonElement spec, string name)
    {
        var values = spec.GetProperty("values");
        var (width, tolerance) = (spec.GetProperty("width").GetInt32(), spec.GetProperty("tolerance").GetDouble());
        for (var i = 0; i < values.GetArrayLength(); i++)
        {
            var where = $"{name}, output {spec.GetProperty("name")}, row {i / width}, column {i % width}";
            switch (spec.GetProperty("type").GetString())
            {
                case "float32":
                    var (expected, actual) = (values[i].GetDouble(), (double)session.Output<float>(output)[i]);
                    Assert.True(Math.Abs(expected - actual) <= tolerance * Math.Max(1, Math.Abs(expected)), string.Create(CultureInfo.InvariantCulture, $"{where}: {actual:r}, scikit-learn {expected:r}"));
                    break;
                case "int64":
                    Assert.True(values[i].GetInt64() == session.Output<long>(output)[i], where);
                    break;
                default:
                    Assert.True(values[i].GetString() == session.Text(i / width, output, i % width), where);
                    break;
            }
        }
    }
}
