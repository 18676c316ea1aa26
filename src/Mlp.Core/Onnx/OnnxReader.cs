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
        var unread = new UnreadFields();
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
                case 25:
                    CheckFunction(reader.Message(), limits);
                    unread.Keep(reader);
                    break;
                default: unread.Skip(ref reader); break;
            }
        }

        return new OnnxModel
        {
            IrVersion = version,
            Producer = producer,
            Graph = graph ?? throw reader.Invalid("no graph"),
            Opsets = opsets,
            Metadata = metadata,
            Unread = unread.ToMemory(),
        };
    }

    // Functions of a model's own are carried for the runtimes that have them; what hides in their constants is held to the same rules.
    private static void CheckFunction(ProtoReader reader, OnnxLimits limits)
    {
        var nodes = 0;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 7 when ++nodes > limits.NodesMax: throw reader.Invalid($"more than {limits.NodesMax} nodes in a function");
                case 7: ReadNode(reader.Message(), limits, 1); break;

                // What an attribute is where a node does not state it.
                case 11: ReadAttribute(reader.Message(), limits, 1); break;
                default: reader.Skip(); break;
            }
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
        var unread = new UnreadFields();
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
                case 15:
                    var (sparseName, sparse) = OnnxSparseReader.Read(reader.Message(), limits);
                    initializers[sparseName] = sparse;
                    break;
                default: unread.Skip(ref reader); break;
            }
        }

        return new OnnxGraph { Name = name, Nodes = nodes, Initializers = initializers, Inputs = inputs, Outputs = outputs, Unread = unread.ToMemory() };
    }

    private static OnnxNode ReadNode(ProtoReader reader, OnnxLimits limits, int depth)
    {
        string name = "", type = "", domain = "";
        var inputs = new List<string>();
        var outputs = new List<string>();
        var attributes = new Dictionary<string, OnnxAttribute>(StringComparer.Ordinal);
        var unread = new UnreadFields();
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
                default: unread.Skip(ref reader); break;
            }
        }

        return new OnnxNode
        {
            Name = name,
            OpType = type,
            Domain = domain == "ai.onnx" ? "" : domain,
            Inputs = inputs,
            Outputs = outputs,
            Attributes = attributes,
            Unread = unread.ToMemory(),
        };
    }

    private static (string Name, OnnxAttribute Value) ReadAttribute(ProtoReader reader, OnnxLimits limits, int depth)
    {
        var whole = reader;
        var name = "";
        long type = 0, integer = 0;
        float number = 0;
        var text = "";
        OnnxTensor? tensor = null;
        OnnxGraph? graph = null;
        var floats = new List<float>();
        var ints = new List<long>();
        var texts = new List<string>();
        var unread = new UnreadFields();
        var isRead = true;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = reader.Text(); break;
                case 2: number = reader.Float(); break;
                case 3: integer = reader.Int64(); break;

                // Some operators keep bytes where most have texts.
                case 4: isRead &= reader.TryText(out text); break;
                case 5: tensor = OnnxTensorReader.Read(reader.Message(), limits).Tensor; break;
                case 6: graph = ReadGraph(reader.Message(), limits, depth + 1); break;
                case 7: reader.Floats(floats); break;
                case 8: reader.Int64s(ints); break;
                case 9:
                    isRead &= reader.TryText(out var item);
                    texts.Add(item);
                    break;
                case 20: type = reader.Int64(); break;
                default:
                    isRead &= !CheckUnread(ref reader, limits, depth);
                    unread.Keep(reader);
                    break;
            }
        }

        return (name, (isRead ? type : 0) switch
        {
            1 => new OnnxAttribute { Float = number, Unread = unread.ToMemory() },
            2 => new OnnxAttribute { Int = integer, Unread = unread.ToMemory() },
            3 => new OnnxAttribute { Text = text, Unread = unread.ToMemory() },
            4 => new OnnxAttribute { Tensor = tensor ?? throw reader.Invalid($"no tensor in the attribute '{name}'"), Unread = unread.ToMemory() },
            5 => new OnnxAttribute { Graph = graph ?? throw reader.Invalid($"no graph in the attribute '{name}'"), Unread = unread.ToMemory() },
            6 => new OnnxAttribute { Floats = [.. floats], Unread = unread.ToMemory() },
            7 => new OnnxAttribute { Ints = [.. ints], Unread = unread.ToMemory() },
            8 => new OnnxAttribute { Texts = [.. texts], Unread = unread.ToMemory() },
            _ => new OnnxAttribute { Unread = UnreadFields.Without(whole, 1) },
        });
    }

    // What is only carried is held to the same rules: nobody may hide a wish for another file in it.
    private static bool CheckUnread(ref ProtoReader reader, OnnxLimits limits, int depth)
    {
        switch (reader.Field)
        {
            case 10: OnnxTensorReader.Read(reader.Message(), limits); return false;
            case 11: ReadGraph(reader.Message(), limits, depth + 1); return false;
            case 14 or 15: OnnxTypeReader.Check(reader.Message(), limits); return false;
            case 22 or 23: OnnxSparseReader.Read(reader.Message(), limits); return false;

            // The name of an attribute of the function that the node is in, which has the value.
            case 21: return reader.Text().Length != 0;
            default: reader.Skip(); return false;
        }
    }
}
