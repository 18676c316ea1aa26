using System.Runtime.InteropServices;

namespace Mlp.Core;

/// <summary>Reads ONNX's TensorProto, whose elements lie in one of six fields, into little-endian bytes.</summary>
internal static class OnnxTensorReader
{
    public static (string Name, OnnxTensor Tensor) Read(ProtoReader reader, OnnxLimits limits)
    {
        var name = "";
        long type = 0, location = 0;
        var shape = new List<long>();
        byte[]? raw = null;
        var floats = new List<float>();
        var ints = new List<long>();
        var doubles = new List<double>();
        var texts = new List<string>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: reader.Int64s(shape); break;
                case 2: type = reader.Int64(); break;
                case 4: reader.Floats(floats); break;
                case 5 or 7 or 11: reader.Int64s(ints); break;
                case 6: texts.Add(reader.Text()); break;
                case 8: name = reader.Text(); break;
                case 9: raw = reader.Bytes().ToArray(); break;
                case 10: reader.Doubles(doubles); break;
                case 14: location = reader.Int64(); break;
                default: reader.Skip(); break;
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

        if (type is <= 0 or > int.MaxValue || !Enum.IsDefined((ElementType)type))
        {
            throw reader.Invalid($"a tensor '{name}' of element type {type}, which is not supported");
        }

        var element = (ElementType)type;
        return (name, element == ElementType.String
            ? OnnxTensor.Create(element, [.. shape], [], [.. texts])
            : OnnxTensor.Create(element, [.. shape], raw ?? Pack(element, floats, ints, doubles)));
    }

    private static byte[] Pack(ElementType type, List<float> floats, List<long> ints, List<double> doubles)
    {
        switch (type)
        {
            case ElementType.Float32:
                return MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(floats)).ToArray();
            case ElementType.Float64:
                return MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(doubles)).ToArray();
            default:
                // All narrower types travel as varints, little-endian below.
                var size = type.SizeBytes();
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
}
