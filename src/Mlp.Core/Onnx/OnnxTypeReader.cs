using System.Runtime.InteropServices;

namespace Mlp.Core;

/// <summary>Reads ONNX's ValueInfoProto and TypeProto.</summary>
internal static class OnnxTypeReader
{
    public static OnnxValueInfo ReadValueInfo(ProtoReader reader, OnnxLimits limits)
    {
        var whole = reader;
        var name = "";
        TensorSpec? tensor = null;
        ValueForm? form = null;
        var unread = new UnreadFields();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = reader.Text(); break;
                case 2: (tensor, form) = ReadType(reader.Message(), limits); break;
                default: unread.Skip(ref reader); break;
            }
        }

        if (name.Length == 0 || (tensor is null && form is null))
        {
            return new OnnxValueInfo(name, null) { Unread = UnreadFields.Without(whole, 1) };
        }

        var spec = tensor is null ? new TensorSpec(name, form!) : tensor.HasShape ? new TensorSpec(name, tensor.Type, tensor.Shape) : TensorSpec.OfAnyShape(name, tensor.Type);
        return new OnnxValueInfo(name, spec) { Unread = unread.ToMemory() };
    }

    /// <summary>Reads a type that is only carried, to know that it is one.</summary>
    public static void Check(ProtoReader reader, OnnxLimits limits) => ReadType(reader, limits);

    // At the top a tensor keeps its shape; inside a sequence or a map only its element type is kept.
    private static (TensorSpec? Tensor, ValueForm? Form) ReadType(ProtoReader reader, OnnxLimits limits)
    {
        TensorSpec? tensor = null;
        ValueForm? form = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: tensor = ReadTensorType(reader.Message(), limits); break;
                case 4 or 5 or 9: form = ReadForm(reader.Field, reader.Message(), limits, 1); break;
                default: reader.Skip(); break;
            }
        }

        return (tensor, form);
    }

    private static ValueForm? ReadForm(int field, ProtoReader reader, OnnxLimits limits, int depth)
    {
        if (depth > ValueForm.DepthMax)
        {
            throw reader.Invalid($"a type of more than {ValueForm.DepthMax} parts inside one another");
        }

        if (field == 1)
        {
            return ReadTensorType(reader, limits) is { } tensor ? ValueForm.Tensor(tensor.Type) : null;
        }

        long key = 0;
        ValueForm? inner = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1 when field == 5: key = reader.Int64(); break;
                case 1 or 2: inner = ReadInner(reader.Message(), limits, depth + 1); break;
                default: reader.Skip(); break;
            }
        }

        return (field, inner) switch
        {
            (_, null) => null,
            (4, _) => ValueForm.Sequence(inner),
            (9, _) => ValueForm.Optional(inner),
            _ => UnreadElements.IsRead(key) ? ValueForm.Map((ElementType)key, inner) : null,
        };
    }

    private static ValueForm? ReadInner(ProtoReader reader, OnnxLimits limits, int depth)
    {
        ValueForm? form = null;
        while (reader.Next())
        {
            if (reader.Field is 1 or 4 or 5 or 9)
            {
                form = ReadForm(reader.Field, reader.Message(), limits, depth);
            }
            else
            {
                reader.Skip();
            }
        }

        return form;
    }

    private static TensorSpec? ReadTensorType(ProtoReader reader, OnnxLimits limits)
    {
        long element = 0;
        List<TensorDimension>? shape = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: element = reader.Int64(); break;
                case 2: ReadShape(reader.Message(), limits, shape ??= []); break;
                default: reader.Skip(); break;
            }
        }

        if (!UnreadElements.IsRead(element))
        {
            return null;
        }

        // No shape at all is any shape; one without dimensions is a scalar's.
        return shape is null ? TensorSpec.OfAnyShape("?", (ElementType)element) : new TensorSpec("?", (ElementType)element, CollectionsMarshal.AsSpan(shape));
    }

    private static void ReadShape(ProtoReader reader, OnnxLimits limits, List<TensorDimension> shape)
    {
        while (reader.Next())
        {
            if (reader.Field != 1)
            {
                reader.Skip();
                continue;
            }

            if (shape.Count == limits.DimensionsMax)
            {
                throw reader.Invalid($"more than {limits.DimensionsMax} dimensions");
            }

            shape.Add(ReadDimension(reader.Message()));
        }
    }

    private static TensorDimension ReadDimension(ProtoReader reader)
    {
        var dimension = TensorDimension.Free("");
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    var length = reader.Int64();

                    // Some exporters write -1 or 0 for a length that is free.
                    dimension = length > 0 ? TensorDimension.Fixed(length) : TensorDimension.Free("");
                    break;
                case 2: dimension = TensorDimension.Free(reader.Text()); break;
                default: reader.Skip(); break;
            }
        }

        return dimension;
    }
}
