namespace Mlp.Core;

/// <summary>ONNX's AttributeProto in words, for messages about kinds that this library has no property for.</summary>
internal static class OnnxAttributeText
{
    /// <summary>What an attribute is whose fields are only carried.</summary>
    public static string Of(ReadOnlySpan<byte> fields)
    {
        var reader = new ProtoReader(fields);
        long type = 0;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 20: type = reader.Int64(); break;
                case 21: return "a reference to a function's attribute";
                default: reader.Skip(); break;
            }
        }

        return type switch
        {
            3 or 8 => "bytes that are no text",
            9 => "a list of tensors",
            10 => "a list of graphs",
            11 => "a sparse tensor",
            12 => "a list of sparse tensors",
            13 => "a type",
            14 => "a list of types",
            _ => $"of the unknown kind {type}",
        };
    }
}
