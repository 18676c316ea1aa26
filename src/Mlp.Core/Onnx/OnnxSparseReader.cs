using System.Buffers.Binary;

namespace Mlp.Core;

/// <summary>Reads ONNX's SparseTensorProto, to carry it: values, their places, and the shape of the tensor they lie in.</summary>
internal static class OnnxSparseReader
{
    public static (string Name, OnnxTensor Tensor) Read(ProtoReader reader, OnnxLimits limits)
    {
        var name = "";
        OnnxTensor? values = null, places = null;
        var shape = new List<long>();
        var unread = new UnreadFields();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: (name, values) = OnnxTensorReader.Read(reader.Message(), limits); break;
                case 2:
                    places = OnnxTensorReader.Read(reader.Message(), limits).Tensor;
                    unread.Keep(reader);
                    break;
                case 3:
                    reader.Int64s(shape);
                    unread.Keep(reader);
                    break;
                default: unread.Skip(ref reader); break;
            }
        }

        if (values is null)
        {
            throw reader.Invalid("a sparse tensor without values");
        }

        var elements = OnnxTensor.Elements(shape);
        if (shape.Count > limits.DimensionsMax || elements < 0 || elements > limits.SparseElementsMax)
        {
            throw Wrong(reader, name, shape, $"more than {limits.SparseElementsMax} elements or {limits.DimensionsMax} dimensions");
        }

        CheckPlaces(reader, name, values, places, shape, elements);
        return (name, OnnxTensor.CarrySparse(values, [.. shape], unread.ToMemory()));
    }

    // A runtime writes each value to its place, so a place has to lie inside.
    private static void CheckPlaces(ProtoReader reader, string name, OnnxTensor values, OnnxTensor? places, List<long> shape, long elements)
    {
        var count = values.Shape.Count == 1 ? values.Shape[0] : -1;
        if (places is null && count == 0)
        {
            return;
        }

        var isFlat = places?.Shape.Count == 1;
        if (places is null || count < 0 || places.Shape.Count is < 1 or > 2 || places.Shape[0] != count || (!isFlat && places.Shape[1] != shape.Count) || !IsPlace(places.Type))
        {
            throw Wrong(reader, name, shape, $"with places of {places} for values of {values}; expected a place, or one in each dimension, for each value");
        }

        var size = places.Type.SizeBytes();
        var bytes = places.Data.Span;
        for (var i = 0; i * size < bytes.Length; i++)
        {
            var place = Place(bytes.Slice(i * size, size));
            var most = isFlat ? elements : shape[i % shape.Count];
            if (place < 0 || place >= most)
            {
                throw Wrong(reader, name, shape, $"with a value at the place {place}");
            }
        }
    }

    private static MlpException Wrong(in ProtoReader reader, string name, List<long> shape, string what) =>
        reader.Invalid($"a sparse tensor '{name}' of [{string.Join(", ", shape)}], {what}");

    private static bool IsPlace(ElementType type) => type is ElementType.Int64 or ElementType.Int32 or ElementType.Int16 or ElementType.Int8;

    private static long Place(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        8 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        4 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        2 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        _ => (sbyte)bytes[0],
    };
}
