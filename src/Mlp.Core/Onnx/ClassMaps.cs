namespace Mlp.Core;

/// <summary>Finds the outputs of a model that <c>ZipMap</c> (domain <c>ai.onnx.ml</c>) makes, and gives them back as the tensors they are made of.</summary>
public static class ClassMaps
{
    private const int IdentityOpset = 13;

    /// <summary>The class maps among a graph's outputs, by output.</summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: one has no labels.</exception>
    public static IReadOnlyDictionary<string, ClassMap> Of(OnnxGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Dictionary<string, ClassMap>? maps = null;
        foreach (var node in graph.Nodes)
        {
            // One that another operator reads has to stay a map.
            if (IsClassMap(node.OpType, node.Domain) && node.Outputs.Count == 1 && graph.Outputs.Any(output => output.Name == node.Outputs[0]) && !graph.Nodes.Any(reader => reader.Inputs.Contains(node.Outputs[0])))
            {
                (maps ??= new(StringComparer.Ordinal))[node.Outputs[0]] = new ClassMap(node);
            }
        }

        return maps ?? NoMaps;
    }

    /// <summary>
    /// The same file with each class map among its outputs replaced by its tensor of scores, under the same name. All else is copied byte
    /// by byte, so that nothing is lost which only another reader knows.
    /// </summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="model">What was read from them.</param>
    /// <returns>The bytes as they are where there is no class map.</returns>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: a class map has no labels.</exception>
    public static ReadOnlyMemory<byte> ToTensors(ReadOnlyMemory<byte> file, OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var maps = Of(model.Graph);
        if (maps.Count == 0)
        {
            return file;
        }

        var outputs = new Dictionary<string, TensorSpec>(StringComparer.Ordinal);
        foreach (var output in model.Signature().Outputs)
        {
            if (maps.ContainsKey(output.Name))
            {
                outputs[output.Name] = output;
            }
        }

        var writer = new ProtoWriter();
        var reader = new ProtoReader(file.Span);
        for (var start = 0; reader.Next(); start = reader.Position)
        {
            if (reader.Field == 7)
            {
                var graph = reader.Bytes();
                writer.Bytes(7, Graph(graph, outputs).Written);
            }
            else
            {
                reader.Skip();
                writer.Raw(file.Span[start..reader.Position]);
            }
        }

        if (!model.Opsets.ContainsKey(""))
        {
            writer.Message(8, static opset => opset.Text(1, "").Int64(2, IdentityOpset));
        }

        return writer.Written.ToArray();
    }

    private static readonly Dictionary<string, ClassMap> NoMaps = [];

    private static ProtoWriter Graph(ReadOnlySpan<byte> bytes, Dictionary<string, TensorSpec> outputs)
    {
        var writer = new ProtoWriter();
        var reader = new ProtoReader(bytes);
        for (var start = 0; reader.Next(); start = reader.Position)
        {
            if (reader.Field == 1 && ReadClassMap(reader.Message(), outputs) is { } map)
            {
                writer.Message(1, node => node.Text(1, map.Input).Text(2, map.Output).Text(3, map.Output).Text(4, "Identity"));
                continue;
            }

            if (reader.Field != 1)
            {
                // 12: an output, 13: the type of a value in between, which may name it again.
                if (reader.Field is 12 or 13 && Named(reader.Bytes()) is { } name && outputs.TryGetValue(name, out var spec))
                {
                    writer.Message(reader.Field, info => OnnxWriter.WriteValueInfo(info, new OnnxValueInfo(name, spec)));
                    continue;
                }

                if (reader.Field is not (12 or 13))
                {
                    reader.Skip();
                }
            }

            writer.Raw(bytes[start..reader.Position]);
        }

        return writer;
    }

    private static string Named(ReadOnlySpan<byte> info)
    {
        var reader = new ProtoReader(info);
        var name = "";
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                name = reader.Text();
            }
            else
            {
                reader.Skip();
            }
        }

        return name;
    }

    private static (string Input, string Output)? ReadClassMap(ProtoReader reader, Dictionary<string, TensorSpec> outputs)
    {
        string input = "", output = "", type = "", domain = "";
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: input = reader.Text(); break;
                case 2: output = reader.Text(); break;
                case 4: type = reader.Text(); break;
                case 7: domain = reader.Text(); break;
                default: reader.Skip(); break;
            }
        }

        return IsClassMap(type, domain) && outputs.ContainsKey(output) ? (input, output) : null;
    }

    private static bool IsClassMap(string type, string domain) => type == "ZipMap" && domain == "ai.onnx.ml";
}
