using System.Text;
using System.Text.Json;

namespace Mlp.Cli.Edge;

/// <summary>A model for programs.</summary>
internal static class InspectedModelJson
{
    public static string Of(InspectedModel model)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("file", model.FileName);
            json.WriteString("format", model.Format);
            json.WriteNumber("bytes", model.FileBytes);
            Texts(json, "inputs", model.Inputs);
            Texts(json, "outputs", model.Outputs);
            Texts(json, "operators", model.Operators);
            json.WriteStartArray("ensembles");
            foreach (var trees in model.Trees)
            {
                Write(json, trees);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static void Write(Utf8JsonWriter json, InspectedTrees trees)
    {
        var ensemble = trees.Ensemble;
        json.WriteStartObject();
        json.WriteString("name", trees.Name);
        json.WriteNumber("trees", ensemble.Roots.Length);
        json.WriteNumber("depth", trees.Depth);
        json.WriteNumber("leaves", trees.Leaves);
        json.WriteNumber("nodes", ensemble.Nodes.Length);
        json.WriteNumber("targets", ensemble.TargetCount);
        json.WriteString("aggregate", ensemble.Aggregate.ToString());
        json.WriteString("postTransform", ensemble.PostTransform.ToString());
        json.WriteStartArray("features");
        foreach (var feature in trees.Features)
        {
            json.WriteStartObject();
            json.WriteNumber("index", feature.Index);
            json.WriteString("name", feature.Name);
            json.WriteNumber("thresholds", feature.Thresholds);
            json.WriteNumber("nodes", feature.Nodes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("layouts");
        foreach (var way in trees.Layout?.Ways ?? [])
        {
            json.WriteStartObject();
            json.WriteNumber("rowsFrom", way.RowsMin);
            json.WriteString("walk", way.Walk);
            json.WriteNumber("bytes", way.Bytes);
            json.WriteNumber("nanosecondsPerRow", way.NanosecondsPerRow);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
