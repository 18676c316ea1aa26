namespace Mlp.Core;

/// <summary>ONNX's TypeProto in words, for messages about types that this library has no property for.</summary>
internal static class OnnxTypeText
{
    /// <summary>The type among the fields of a value's message.</summary>
    /// <returns>Null where there is none.</returns>
    public static string? Of(ReadOnlySpan<byte> info)
    {
        var reader = new ProtoReader(info);
        string? text = null;
        while (reader.Next())
        {
            if (reader.Field == 2)
            {
                text = Type(reader.Message(), 0);
            }
            else
            {
                reader.Skip();
            }
        }

        return text;
    }

    private static string? Type(ProtoReader reader, int depth)
    {
        string? text = null;
        while (depth <= ValueForm.DepthMax && reader.Next())
        {
            switch (reader.Field)
            {
                case 1: text = $"tensor({Element(reader.Message())})"; break;
                case 4: text = $"sequence({Inner(reader.Message(), 1, depth)})"; break;
                case 5: text = Map(reader.Message(), depth); break;
                case 7:
                    text = "an opaque value";
                    reader.Skip();
                    break;
                case 8: text = $"sparse_tensor({Element(reader.Message())})"; break;
                case 9: text = $"optional({Inner(reader.Message(), 1, depth)})"; break;
                default: reader.Skip(); break;
            }
        }

        return text;
    }

    private static string Map(ProtoReader reader, int depth) => $"map({Element(reader)}, {Inner(reader, 2, depth)})";

    // Field 1 of a tensor and of a map: the type of elements or keys.
    private static string Element(ProtoReader reader)
    {
        long number = 0;
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                number = reader.Int64();
            }
            else
            {
                reader.Skip();
            }
        }

        return UnreadElements.Name(number);
    }

    private static string Inner(ProtoReader reader, int field, int depth)
    {
        string? text = null;
        while (reader.Next())
        {
            if (reader.Field == field)
            {
                text = Type(reader.Message(), depth + 1);
            }
            else
            {
                reader.Skip();
            }
        }

        return text ?? "no type";
    }
}
