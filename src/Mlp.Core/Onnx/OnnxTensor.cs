using System.Runtime.InteropServices;

namespace Mlp.Core;

/// <summary>A constant tensor: its elements as little-endian bytes, row-major.</summary>
public sealed class OnnxTensor
{
    private OnnxTensor(ElementType type, string typeName, long[] shape)
    {
        Type = type;
        TypeName = typeName;
        Shape = shape;
    }

    /// <summary>Type of the elements; undefined where this library only carries them, see <see cref="Unread"/>.</summary>
    public ElementType Type { get; }

    /// <summary>The type's name, <c>float32</c> or one that only a runtime reads, such as <c>int4</c>; with <c>sparse</c> before it for a sparse tensor.</summary>
    public string TypeName { get; }

    /// <summary>The elements of a tensor of strings; else empty.</summary>
    public IReadOnlyList<string> Texts { get; private init; } = [];

    /// <summary>Dimensions, outermost first.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>The elements' bytes; empty for strings, and for a type that is only carried.</summary>
    public ReadOnlyMemory<byte> Data { get; private init; }

    /// <summary>
    /// The fields of the tensor's message that no other property holds, as the file has them: all of them where the type is only carried.
    /// They are written back as they are.
    /// </summary>
    public ReadOnlyMemory<byte> Unread { get; private init; }

    /// <summary>What a sparse tensor's values are; null for others.</summary>
    internal OnnxTensor? SparseValues { get; private init; }

    /// <summary>A tensor of floats.</summary>
    public static OnnxTensor Of(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Create(ElementType.Float32, shape.ToArray(), MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>A tensor of 64-bit integers.</summary>
    public static OnnxTensor Of(ReadOnlySpan<long> values, params ReadOnlySpan<long> shape) =>
        Create(ElementType.Int64, shape.ToArray(), MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>A tensor of doubles.</summary>
    public static OnnxTensor Of(ReadOnlySpan<double> values, params ReadOnlySpan<long> shape) =>
        Create(ElementType.Float64, shape.ToArray(), MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>A tensor of bytes.</summary>
    public static OnnxTensor Of(ReadOnlySpan<byte> values, params ReadOnlySpan<long> shape) => Create(ElementType.UInt8, shape.ToArray(), values.ToArray());

    /// <summary>A tensor of strings.</summary>
    public static OnnxTensor Of(string[] values, params ReadOnlySpan<long> shape) => Create(ElementType.String, shape.ToArray(), [], values);

    /// <summary>The elements as floats.</summary>
    /// <exception cref="MlpException">They are of another type.</exception>
    public float[] Floats() => Type == ElementType.Float32
        ? MemoryMarshal.Cast<byte, float>(Data.Span).ToArray()
        : throw new MlpException(ErrorCodes.ModelInvalid, $"A constant of {TypeName} was found where float32 is expected.");

    /// <summary>The elements of a floating type, which a double holds exactly.</summary>
    /// <exception cref="MlpException">They are of another type than float16, float32 and float64.</exception>
    public double[] Doubles()
    {
        switch (Type)
        {
            case ElementType.Float64:
                return MemoryMarshal.Cast<byte, double>(Data.Span).ToArray();
            case ElementType.Float32:
                return Array.ConvertAll(Floats(), static value => (double)value);
            case ElementType.Float16:
                return Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(Data.Span).ToArray(), static value => (double)value);
            default:
                throw new MlpException(ErrorCodes.ModelInvalid, $"A constant of {TypeName} was found where float16, float32 or float64 is expected.");
        }
    }

    /// <summary>The elements as 64-bit integers.</summary>
    /// <exception cref="MlpException">They are of another type.</exception>
    public long[] Ints() => Type == ElementType.Int64
        ? MemoryMarshal.Cast<byte, long>(Data.Span).ToArray()
        : throw new MlpException(ErrorCodes.ModelInvalid, $"A constant of {TypeName} was found where int64 is expected.");

    /// <summary>For messages, such as <c>int4[16, 8]</c>.</summary>
    public override string ToString() => $"{TypeName}[{string.Join(", ", Shape)}]";

    internal static OnnxTensor Create(ElementType type, long[] shape, byte[] data, string[]? texts = null, ReadOnlyMemory<byte> unread = default)
    {
        var isText = type == ElementType.String;
        var elements = Elements(shape);
        var fits = isText ? elements == (texts?.Length ?? 0) : elements * type.SizeBytes() == data.Length;
        return fits
            ? new OnnxTensor(type, type.Name(), shape) { Data = isText ? [] : data, Texts = texts ?? [], Unread = unread }
            : throw new MlpException(ErrorCodes.ModelInvalid, $"A tensor of {type.Name()}[{string.Join(", ", shape)}] has {(isText ? $"{texts?.Length ?? 0} strings" : $"{data.Length} bytes")} of data.");
    }

    /// <summary>A tensor of a type that this library does not read.</summary>
    internal static OnnxTensor Carry(string typeName, long[] shape, ReadOnlyMemory<byte> unread) =>
        new(ElementType.Undefined, typeName, shape) { Unread = unread };

    /// <summary>A sparse tensor, which this library does not read.</summary>
    internal static OnnxTensor CarrySparse(OnnxTensor values, long[] shape, ReadOnlyMemory<byte> unread) =>
        new(ElementType.Undefined, $"sparse {values.TypeName}", shape) { SparseValues = values, Unread = unread };

    /// <summary>Elements of a shape.</summary>
    /// <returns>Less than 0 for a negative length, or for more than any memory holds.</returns>
    internal static long Elements(IReadOnlyList<long> shape)
    {
        // More than any memory holds, and few enough to be multiplied by the size of an element.
        const long Most = long.MaxValue / 256;
        long elements = 1;
        foreach (var length in shape)
        {
            // Checked by division: a product of hostile lengths must not wrap around.
            if (length < 0 || (length != 0 && elements > Most / length))
            {
                return -1;
            }

            elements *= length;
        }

        return elements;
    }
}
