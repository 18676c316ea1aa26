using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Tensors of ONNX Runtime over our memory. Both name element types by ONNX's numbers.</summary>
internal static class OnnxTensors
{
    public static TensorElementType TypeOf(ElementType type) => (TensorElementType)(int)type;

    /// <summary>A tensor over memory that stays where it is for as long as the tensor lives.</summary>
    public static OrtValue Over(ElementType type, long[] shape, Memory<byte> pinned, long bytes)
    {
        if (MemoryMarshal.TryGetMemoryManager<byte, NativeBuffer>(pinned, out var native, out var start, out _))
        {
            return OrtValue.CreateTensorValueWithData(native.Info, TypeOf(type), shape, native.Address + start, bytes);
        }

        // The address is all that is needed of an array on the pinned heap.
        if (!MemoryMarshal.TryGetArray<byte>(pinned, out var segment))
        {
            throw new InvalidOperationException("The memory is not an array's.");
        }

        return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, TypeOf(type), shape, Marshal.UnsafeAddrOfPinnedArrayElement(segment.Array!, segment.Offset), bytes);
    }

    /// <summary>A tensor over memory of a caller's.</summary>
    public static OrtValue Over(DeviceTensor tensor, OrtMemoryInfo info) =>
        OrtValue.CreateTensorValueWithData(info, TypeOf(tensor.Type), tensor.Shape.ToArray(), tensor.Address, tensor.SizeBytes);

    /// <summary>A tensor of strings; what is not given stays empty.</summary>
    public static OrtValue Texts(long[] shape, ReadOnlySpan<string> given)
    {
        var texts = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
        for (var i = 0; i < given.Length; i++)
        {
            texts.StringTensorSetElementAt((given[i] ?? "").AsSpan(), i);
        }

        return texts;
    }
}
