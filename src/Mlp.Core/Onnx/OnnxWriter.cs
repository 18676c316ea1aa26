namespace Mlp.Core;

/// <summary>Writes <see cref="OnnxModel"/> as the messages of onnx.proto.</summary>
internal static class OnnxWriter
{
    public static byte[] Write(OnnxModel model)
    {
        var writer = new ProtoWriter().Int64(1, model.IrVersion).Text(2, model.Producer);
        writer.Message(7, graph => WriteGraph(graph, model.Graph));
        foreach (var (domain, version) in model.Opsets)
        {
            writer.Message(8, opset => opset.Text(1, domain).Int64(2, version));
        }

        foreach (var (key, value) in model.Metadata)
        {
            writer.Message(14, entry => entry.Text(1, key).Text(2, value));
        }

        return writer.Raw(model.Unread.Span).Written.ToArray();
    }

    private static void WriteGraph(ProtoWriter writer, OnnxGraph graph)
    {
        foreach (var node in graph.Nodes)
        {
            writer.Message(1, message => WriteNode(message, node));
        }

        writer.Text(2, graph.Name);
        foreach (var (name, tensor) in graph.Initializers)
        {
            if (tensor.SparseValues is { } values)
            {
                writer.Message(15, message => message.Message(1, dense => WriteTensor(dense, name, values)).Raw(tensor.Unread.Span));
            }
            else
            {
                writer.Message(5, message => WriteTensor(message, name, tensor));
            }
        }

        foreach (var input in graph.Inputs)
        {
            writer.Message(11, message => WriteValueInfo(message, input));
        }

        foreach (var output in graph.Outputs)
        {
            writer.Message(12, message => WriteValueInfo(message, output));
        }

        writer.Raw(graph.Unread.Span);
    }

    private static void WriteNode(ProtoWriter writer, OnnxNode node)
    {
        foreach (var input in node.Inputs)
        {
            writer.Text(1, input);
        }

        foreach (var output in node.Outputs)
        {
            writer.Text(2, output);
        }

        writer.Text(3, node.Name).Text(4, node.OpType);
        foreach (var (name, attribute) in node.Attributes)
        {
            writer.Message(5, message => WriteAttribute(message, name, attribute));
        }

        if (node.Domain.Length != 0)
        {
            writer.Text(7, node.Domain);
        }

        writer.Raw(node.Unread.Span);
    }

    private static void WriteAttribute(ProtoWriter writer, string name, OnnxAttribute attribute)
    {
        writer.Text(1, name);
        switch (attribute)
        {
            case { Float: { } value }: writer.Float(2, value).Int64(20, 1); break;
            case { Int: { } value }: writer.Int64(3, value).Int64(20, 2); break;
            case { Text: { } value }: writer.Text(4, value).Int64(20, 3); break;
            case { Tensor: { } value }: writer.Message(5, message => WriteTensor(message, "", value)).Int64(20, 4); break;
            case { Graph: { } value }: writer.Message(6, message => WriteGraph(message, value)).Int64(20, 5); break;
            case { Floats: { } values }: writer.Floats(7, values).Int64(20, 6); break;
            case { Ints: { } values }: writer.Int64s(8, values).Int64(20, 7); break;
            case { Texts: { } values }:
                foreach (var value in values)
                {
                    writer.Text(9, value);
                }

                writer.Int64(20, 8);
                break;
            case { Unread.Length: > 0 }: break;
            default: throw new MlpException(ErrorCodes.ModelInvalid, $"The attribute '{name}' has no value.");
        }

        writer.Raw(attribute.Unread.Span);
    }

    private static void WriteTensor(ProtoWriter writer, string name, OnnxTensor tensor)
    {
        if (tensor.SparseValues is not null)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"The {tensor} cannot be an attribute; a graph's initializers may be sparse.");
        }

        if (tensor.Type == ElementType.Undefined)
        {
            writer.Raw(tensor.Unread.Span).Text(8, name);
            return;
        }

        foreach (var length in tensor.Shape)
        {
            writer.Int64(1, length);
        }

        writer.Int64(2, (long)tensor.Type).Text(8, name);
        if (tensor.Type != ElementType.String)
        {
            writer.Bytes(9, tensor.Data.Span);
        }

        foreach (var text in tensor.Texts)
        {
            writer.Text(6, text);
        }

        writer.Raw(tensor.Unread.Span);
    }

    internal static void WriteValueInfo(ProtoWriter writer, OnnxValueInfo info)
    {
        writer.Text(1, info.Name);

        // A branch's values need no type.
        if (info.Tensor is { } spec)
        {
            writer.Message(2, type =>
            {
                if (spec.Form is { } form)
                {
                    WriteForm(type, form);
                }
                else
                {
                    type.Message(1, tensor => WriteTensorType(tensor, spec));
                }
            });
        }

        writer.Raw(info.Unread.Span);
    }

    private static void WriteForm(ProtoWriter type, ValueForm form)
    {
        switch (form.Kind)
        {
            case ValueKind.Tensor: type.Message(1, tensor => tensor.Int64(1, (long)form.Type)); break;
            case ValueKind.Map: type.Message(5, map => map.Int64(1, (long)form.Type).Message(2, value => WriteForm(value, form.Inner!))); break;
            default: type.Message(form.Kind == ValueKind.Sequence ? 4 : 9, outer => outer.Message(1, inner => WriteForm(inner, form.Inner!))); break;
        }
    }

    private static void WriteTensorType(ProtoWriter tensor, TensorSpec spec)
    {
        tensor.Int64(1, (long)spec.Type);
        if (!spec.HasShape)
        {
            return;
        }

        tensor.Message(2, shape =>
        {
            foreach (var dimension in spec.Shape)
            {
                shape.Message(1, message =>
                {
                    if (dimension.IsFixed)
                    {
                        message.Int64(1, dimension.Length);
                    }
                    else if (dimension.Symbol is { Length: > 0 } symbol)
                    {
                        message.Text(2, symbol);
                    }
                });
            }
        });
    }
}
