using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>A tensor of any element type and shape.</summary>
public sealed class TensorValue : ModelValue
{
    private readonly long[] _shape;

    /// <summary>Wraps elements as bytes.</summary>
    /// <param name="type">Type of the elements, not strings.</param>
    /// <param name="bytes">The elements, little-endian, row-major; kept, not copied.</param>
    /// <param name="shape">Dimensions, outermost first; none for a scalar.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the shape has another number of elements.</exception>
    public TensorValue(ElementType type, ReadOnlyMemory<byte> bytes, params ReadOnlySpan<long> shape)
    {
        Type = type;
        Bytes = bytes;
        Texts = [];
        var size = type.SizeBytes();
        if (size == 0)
        {
            throw new MlpException(ErrorCodes.TensorMismatch, $"Elements of {type.Name()} are no bytes; make the tensor of texts.");
        }

        _shape = Checked(type, bytes.Length / size, bytes.Length % size == 0, shape);
        Count = bytes.Length / size;
    }

    /// <summary>Wraps texts.</summary>
    /// <param name="texts">The elements, row-major; kept, not copied.</param>
    /// <param name="shape">Dimensions, outermost first; none for a scalar.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the shape has another number of elements.</exception>
    public TensorValue(IReadOnlyList<string> texts, params ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(texts);
        Type = ElementType.String;
        Texts = texts;
        Count = texts.Count;
        _shape = Checked(Type, texts.Count, isWhole: true, shape);
    }

    /// <summary>Type of the elements.</summary>
    public ElementType Type { get; }

    /// <summary>Dimensions, outermost first.</summary>
    public ReadOnlySpan<long> Shape => _shape;

    /// <summary>Number of elements.</summary>
    public int Count { get; }

    /// <summary>The elements as bytes; empty for strings.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The elements of a tensor of strings; else empty.</summary>
    public IReadOnlyList<string> Texts { get; }

    /// <summary>The same in one piece.</summary>
    internal ReadOnlySpan<string> TextSpan => Texts is string[] texts ? texts : [.. Texts];

    /// <inheritdoc/>
    public override ValueForm Form => ValueForm.Tensor(Type);

    /// <summary>Copies elements into a tensor.</summary>
    /// <typeparam name="T">An element type: <see cref="float"/>, <see cref="long"/>, <see cref="bool"/>, <see cref="Half"/> and so on.</typeparam>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the shape has another number of elements, or no element type is <typeparamref name="T"/>.</exception>
    public static TensorValue Of<T>(ReadOnlySpan<T> elements, params ReadOnlySpan<long> shape)
        where T : unmanaged => new(TypeOf<T>(), MemoryMarshal.AsBytes(elements).ToArray(), shape);

    /// <summary>The elements.</summary>
    /// <typeparam name="T">As the element type is read, see <see cref="ElementTypes.Holds{T}"/>.</typeparam>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: they are of another type.</exception>
    public ReadOnlySpan<T> Elements<T>()
        where T : unmanaged => Type.Holds<T>()
        ? MemoryMarshal.Cast<byte, T>(Bytes.Span)
        : throw new MlpException(ErrorCodes.TensorMismatch, $"{this} was used as {typeof(T).Name}.");

    /// <summary>For example <c>float32[2, 3]</c>.</summary>
    public override string ToString() => $"{Type.Name()}[{string.Join(", ", _shape)}]";

    private static ElementType TypeOf<T>()
        where T : unmanaged
    {
        // Bytes are uint8 and ushorts uint16, though other types are read as them too.
        foreach (var type in (ReadOnlySpan<ElementType>)[ElementType.Float32, ElementType.Int64, ElementType.Int32, ElementType.UInt8, ElementType.Bool, ElementType.Float64, ElementType.Float16, ElementType.Int8, ElementType.Int16, ElementType.UInt16, ElementType.UInt32, ElementType.UInt64])
        {
            if (type.Holds<T>())
            {
                return type;
            }
        }

        throw new MlpException(ErrorCodes.TensorMismatch, $"{typeof(T).Name} is no element type.");
    }

    private static long[] Checked(ElementType type, int count, bool isWhole, ReadOnlySpan<long> shape)
    {
        long elements = 1;
        foreach (var length in shape)
        {
            // By division: a product of hostile lengths must not wrap around.
            elements = length < 0 || (length != 0 && elements > int.MaxValue / length) ? -1 : elements * length;
            if (elements < 0)
            {
                break;
            }
        }

        return isWhole && elements == count
            ? shape.ToArray()
            : throw new MlpException(ErrorCodes.TensorMismatch, $"{count} elements for a tensor of {type.Name()}[{string.Join(", ", shape.ToArray())}].");
    }
}
