using System.Runtime.InteropServices;

namespace Mlp.Core;

/// <summary>Reads ONNX's TensorProto, whose elements lie in one of six fields, into little-endian bytes.</summary>
internal static class OnnxTensorReader
{
    public static (string Name, OnnxTensor Tensor) Read(ProtoReader reader, OnnxLimits limits)
    {
        var whole = reader;
        var name = "";
        long type = 0, location = 0;
        var shape = new List<long>();
        ReadOnlySpan<byte> raw = default;
        var isRaw = false;
        var isText = true;
        var fields = new ElementFields();
        var unread = new UnreadFields();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: reader.Int64s(shape); break;
                case 2: type = reader.Int64(); break;
                case 4: reader.Floats(fields.Floats); break;
                case 5 or 7 or 11: reader.Int64s(fields.Ints); break;
                case 6:
                    isText &= reader.TryText(out var text);
                    fields.Texts.Add(text);
                    break;
                case 8: name = reader.Text(); break;
                case 9:
                    raw = reader.Bytes();
                    isRaw = true;
                    break;
                case 10: reader.Doubles(fields.Doubles); break;
                case 14: location = reader.Int64(); break;
                default: unread.Skip(ref reader); break;
            }
        }

        if (shape.Count > limits.DimensionsMax)
        {
            throw reader.Invalid($"a tensor '{name}' of {shape.Count} dimensions, more than {limits.DimensionsMax}");
        }

        if (location != 0)
        {
            throw reader.Invalid($"a tensor '{name}' whose data lies in another file, which is not supported: save the model as one file");
        }

        if (!UnreadElements.IsRead(type))
        {
            CheckLength(reader, name, type, shape, isRaw ? raw.Length : -1, fields);
            return (name, OnnxTensor.Carry(UnreadElements.Name(type), [.. shape], UnreadFields.Without(whole, 8)));
        }

        var element = (ElementType)type;
        if (element != ElementType.String)
        {
            return (name, OnnxTensor.Create(element, [.. shape], isRaw ? raw.ToArray() : Pack(element, fields), null, unread.ToMemory()));
        }

        // Some operators' strings are bytes of their own kind, such as a tokenizer's.
        var texts = OnnxTensor.Create(element, [.. shape], [], [.. fields.Texts], unread.ToMemory());
        return (name, isText ? texts : OnnxTensor.Carry("string of bytes", [.. shape], UnreadFields.Without(whole, 8)));
    }

    // What is not read is still held to its length, where the format says which: one byte to a number, or parts that are floats or doubles.
    private static void CheckLength(ProtoReader reader, string name, long type, List<long> shape, long rawBytes, ElementFields fields)
    {
        if (UnreadElements.Bits(type) == 0)
        {
            return;
        }

        var elements = OnnxTensor.Elements(shape);
        var bytes = rawBytes >= 0 ? rawBytes : type switch
        {
            UnreadElements.Complex64 => fields.Floats.Count * 4L,
            UnreadElements.Complex128 => fields.Doubles.Count * 8L,
            _ => fields.Ints.Count,
        };
        if (elements < 0 || bytes != UnreadElements.Bytes(type, elements))
        {
            throw reader.Invalid($"a tensor '{name}' of {UnreadElements.Name(type)}[{string.Join(", ", shape)}] with {bytes} bytes of data");
        }
    }

    private static byte[] Pack(ElementType type, ElementFields fields)
    {
        switch (type)
        {
            case ElementType.Float32:
                return MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(fields.Floats)).ToArray();
            case ElementType.Float64:
                return MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(fields.Doubles)).ToArray();
            default:
                // All narrower types travel as varints, little-endian below.
                var (size, ints) = (type.SizeBytes(), fields.Ints);
                var bytes = new byte[ints.Count * size];
                for (var i = 0; i < ints.Count; i++)
                {
                    for (var b = 0; b < size; b++)
                    {
                        bytes[(i * size) + b] = (byte)(ints[i] >> (8 * b));
                    }
                }

                return bytes;
        }
    }

    private sealed class ElementFields
    {
        public List<float> Floats { get; } = [];

        public List<long> Ints { get; } = [];

        public List<double> Doubles { get; } = [];

        public List<string> Texts { get; } = [];
    }
}
