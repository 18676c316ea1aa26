using Mlp.Core;

namespace Mlp.Inference;

/// <summary>
/// A tensor in memory of the caller's, on a device or not, that a model reads or writes where it lies: a model's output on a GPU is another one's
/// input without a copy. The memory has to stay, and what writes it has to be done, from the call to its end; then this library has let go of it,
/// whether the call was answered, failed or was cancelled.
/// </summary>
public sealed class DeviceTensor : ModelValue
{
    private readonly long[] _shape;

    /// <summary>Describes memory.</summary>
    /// <param name="type">Type of the elements, not strings.</param>
    /// <param name="address">The first element, in the device's address space; a multiple of the element's size.</param>
    /// <param name="memory">What memory it is.</param>
    /// <param name="shape">Dimensions, outermost first; none for a scalar. The elements lie densely, row-major.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: no memory can hold that.</exception>
    public DeviceTensor(ElementType type, nint address, DeviceMemory memory, params ReadOnlySpan<long> shape)
    {
        ArgumentException.ThrowIfNullOrEmpty(memory.Kind, nameof(memory));
        ArgumentOutOfRangeException.ThrowIfNegative(memory.DeviceId, nameof(memory));
        var size = type.SizeBytes();
        var text = $"{type.Name()}[{string.Join(", ", shape.ToArray())}]";
        if (size == 0)
        {
            throw new MlpException(ErrorCodes.TensorMismatch, $"Elements of {type.Name()} are no bytes, and cannot lie in memory of a caller's.");
        }

        if (address == 0 || (nuint)address % (nuint)size != 0)
        {
            throw new MlpException(ErrorCodes.TensorMismatch, $"The address 0x{address:x} for {text}; expected a multiple of {size} that is not 0.");
        }

        long bytes = size;
        foreach (var length in shape)
        {
            // By division: a product of hostile lengths must not wrap around.
            if (length < 0 || (length != 0 && bytes > long.MaxValue / length))
            {
                throw new MlpException(ErrorCodes.TensorMismatch, $"{text} is no shape that memory can have.");
            }

            bytes *= length;
        }

        _shape = shape.ToArray();
        (Type, Address, Memory, SizeBytes) = (type, address, memory, bytes);
    }

    /// <summary>Type of the elements.</summary>
    public ElementType Type { get; }

    /// <summary>The first element.</summary>
    public nint Address { get; }

    /// <summary>What memory it lies in.</summary>
    public DeviceMemory Memory { get; }

    /// <summary>Dimensions, outermost first.</summary>
    public ReadOnlySpan<long> Shape => _shape;

    /// <summary>What the elements take.</summary>
    public long SizeBytes { get; }

    /// <inheritdoc/>
    public override ValueForm Form => ValueForm.Tensor(Type);

    /// <summary>For example <c>float32[2, 3] in Cuda 0</c>.</summary>
    public override string ToString() => $"{Type.Name()}[{string.Join(", ", _shape)}] in {Memory}";
}
