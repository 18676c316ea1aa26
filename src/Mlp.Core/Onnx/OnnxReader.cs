namespace Mlp.Core;

/// <summary>Translates the messages of onnx.proto (github.com/onnx/onnx) into <see cref="OnnxModel"/>; field numbers are that file's.</summary>
internal static class OnnxReader
{
    public static OnnxModel Read(ReadOnlySpan<byte> bytes, OnnxLimits limits)
    {
        var reader = new ProtoReader(bytes);
        long version = 0;
        var producer = "";
        OnnxGraph? graph = null;
        var opsets = new Dictionary<string, long>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: version = reader.Int64(); break;
                case 2: producer = reader.Text(); break;
                case 7: graph = ReadGraph(reader.Message(), limits, 1); break;
                case 8: ReadOpset(reader.Message(), opsets); break;
                case 14: ReadEntry(reader.Message(), metadata); break;
                case 25: CheckFunction(reader.Message(), limits); break;
                default: reader.Skip(); break;
            }
        }

        return new OnnxModel
        {
            IrVersion = version,
            Producer = producer,
            Graph = graph ?? throw reader.Invalid("no graph"),
            Opsets = opsets,
            Metadata = metadata,
        };
    }

    // Functions of a model's own are left to the runtimes that have them; what hides in their constants is held to the same rules.
    private static void CheckFunction(ProtoReader reader, OnnxLimits limits)
    {
        var nodes = 0;
        while (reader.Next())
        {
            if (reader.Field != 7)
            {
                reader.Skip();
                continue;
            }

            if (++nodes > limits.NodesMax)
            {
                throw reader.Invalid($"more than {limits.NodesMax} nodes in a function");
            }

            ReadNode(reader.Message(), limits, 1);
        }
    }

    private static void ReadOpset(ProtoReader reader, Dictionary<string, long> opsets)
    {
        var domain = "";
        long version = 0;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: domain = reader.Text(); break;
                case 2: version = reader.Int64(); break;
                default: reader.Skip(); break;
            }
        }

        // "ai.onnx" is the long name of the default domain.
        opsets[domain == "ai.onnx" ? "" : domain] = version;
    }

    private static void ReadEntry(ProtoReader reader, Dictionary<string, string> entries)
    {
        string key = "", value = "";
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: key = reader.Text(); break;
                case 2: value = reader.Text(); break;
                default: reader.Skip(); break;
            }
        }

        entries[key] = value;
    }

    private static OnnxGraph ReadGraph(ProtoReader reader, OnnxLimits limits, int depth)
    {
        if (depth > limits.GraphDepthMax)
        {
            throw reader.Invalid($"more than {limits.GraphDepthMax} graphs inside one another");
        }

        var name = "";
        var nodes = new List<OnnxNode>();
        var initializers = new Dictionary<string, OnnxTensor>(StringComparer.Ordinal);
        var inputs = new List<OnnxValueInfo>();
        var outputs = new List<OnnxValueInfo>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    if (nodes.Count == limits.NodesMax)
                    {
                        throw reader.Invalid($"more than {limits.NodesMax} nodes");
                    }

                    nodes.Add(ReadNode(reader.Message(), limits, depth));
                    break;
                case 2: name = reader.Text(); break;
                case 5:
                    var (tensorName, tensor) = OnnxTensorReader.Read(reader.Message(), limits);
                    initializers[tensorName] = tensor;
                    break;
                case 11: inputs.Add(OnnxTypeReader.ReadValueInfo(reader.Message(), limits)); break;
                case 12: outputs.Add(OnnxTypeReader.ReadValueInfo(reader.Message(), limits)); break;
                case 15: throw reader.Invalid("a sparse initializer, which is not supported");
                default: reader.Skip(); break;
            }
        }

        return new OnnxGraph { Name = name, Nodes = nodes, Initializers = initializers, Inputs = inputs, Outputs = outputs };
    }

    private static OnnxNode ReadNode(ProtoReader reader, OnnxLimits limits, int depth)
    {
        string name = "", type = "", domain = "";
        var inputs = new List<string>();
        var outputs = new List<string>();
        var attributes = new Dictionary<string, OnnxAttribute>(StringComparer.Ordinal);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: inputs.Add(reader.Text()); break;
                case 2: outputs.Add(reader.Text()); break;
                case 3: name = reader.Text(); break;
                case 4: type = reader.Text(); break;
                case 5:
                    var (attributeName, attribute) = ReadAttribute(reader.Message(), limits, depth);
                    attributes[attributeName] = attribute;
                    break;
                case 7: domain = reader.Text(); break;
                default: reader.Skip(); break;
            }
        }

        return new OnnxNode { Name = name, OpType = type, Domain = domain == "ai.onnx" ? "" : domain, Inputs = inputs, Outputs = outputs, Attributes = attributes };
    }

    private static (string Name, OnnxAttribute Value) ReadAttribute(ProtoReader reader, OnnxLimits limits, int depth)
    {
        var name = "";
        long type = 0, integer = 0;
        float number = 0;
        var text = "";
        OnnxTensor? tensor = null;
        OnnxGraph? graph = null;
        var floats = new List<float>();
        var ints = new List<long>();
        var texts = new List<string>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = reader.Text(); break;
                case 2: number = reader.Float(); break;
                case 3: integer = reader.Int64(); break;
                case 4: text = reader.Text(); break;
                case 5: tensor = OnnxTensorReader.Read(reader.Message(), limits).Tensor; break;
                case 6: graph = ReadGraph(reader.Message(), limits, depth + 1); break;
                case 7: reader.Floats(floats); break;
                case 8: reader.Int64s(ints); break;
                case 9: texts.Add(reader.Text()); break;
                case 20: type = reader.Int64(); break;
                default: reader.Skip(); break;
            }
        }

        return (name, type switch
        {
            1 => number,
            2 => integer,
            3 => text,
            4 => new OnnxAttribute { Tensor = tensor ?? throw reader.Invalid($"no tensor in the attribute '{name}'") },
            5 => new OnnxAttribute { Graph = graph ?? throw reader.Invalid($"no graph in the attribute '{name}'") },
            6 => floats.ToArray(),
            7 => ints.ToArray(),
            8 => texts.ToArray(),
            _ => throw reader.Invalid($"the attribute '{name}' of type {type}"),
        });
    }
}
