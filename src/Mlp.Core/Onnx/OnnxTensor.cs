using System.Runtime.InteropServices;

namespace Mlp.Core;

/// <summary>A constant tensor: its elements as little-endian bytes, row-major.</summary>
public sealed class OnnxTensor
{
    private OnnxTensor(ElementType type, long[] shape, byte[] data, string[]? texts = null)
    {
        Type = type;
        Shape = shape;
        Data = data;
        Texts = texts ?? [];
    }

    /// <summary>Type of the elements.</summary>
    public ElementType Type { get; }

    /// <summary>The elements of a tensor of strings; else empty.</summary>
    public IReadOnlyList<string> Texts { get; }

    /// <summary>Dimensions, outermost first.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>The elements' bytes; empty for strings.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>A tensor of floats.</summary>
    public static OnnxTensor Of(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Create(ElementType.Float32, shape.ToArray(), MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>A tensor of 64-bit integers.</summary>
    public static OnnxTensor Of(ReadOnlySpan<long> values, params ReadOnlySpan<long> shape) =>
        Create(ElementType.Int64, shape.ToArray(), MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>A tensor of strings.</summary>
    public static OnnxTensor Of(string[] values, params ReadOnlySpan<long> shape) => Create(ElementType.String, shape.ToArray(), [], values);

    /// <summary>The elements as floats.</summary>
    /// <exception cref="MlpException">They are of another type.</exception>
    public float[] Floats() => Type == ElementType.Float32
        ? MemoryMarshal.Cast<byte, float>(Data.Span).ToArray()
        : throw new MlpException(ErrorCodes.ModelInvalid, $"A constant of {Type.Name()} was found where float32 is expected.");

    /// <summary>The elements as 64-bit integers.</summary>
    /// <exception cref="MlpException">They are of another type.</exception>
    public long[] Ints() => Type == ElementType.Int64
        ? MemoryMarshal.Cast<byte, long>(Data.Span).ToArray()
        : throw new MlpException(ErrorCodes.ModelInvalid, $"A constant of {Type.Name()} was found where int64 is expected.");

    internal static OnnxTensor Create(ElementType type, long[] shape, byte[] data, string[]? texts = null)
    {
        var isText = type == ElementType.String;
        var available = isText ? texts?.Length ?? 0 : data.Length / type.SizeBytes();
        long elements = 1;
        foreach (var length in shape)
        {
            // Checked by division: a product of hostile lengths must not wrap around.
            if (length < 0 || (length != 0 && elements > available / length))
            {
                elements = -1;
                break;
            }

            elements *= length;
        }

        return elements == available && (isText || elements * type.SizeBytes() == data.Length)
            ? new OnnxTensor(type, shape, isText ? [] : data, texts)
            : throw new MlpException(ErrorCodes.ModelInvalid, $"A tensor of {type.Name()}[{string.Join(", ", shape)}] has {(isText ? $"{available} strings" : $"{data.Length} bytes")} of data.");
    }
}
