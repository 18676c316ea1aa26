using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Values on their way into ONNX Runtime, pinned for as long as this lives; and out of it.</summary>
internal sealed class OnnxValues : IDisposable
{
    private readonly List<IDisposable> _held = [];

    public OrtValue[] AddAll(IReadOnlyList<ModelValue> values)
    {
        var native = new OrtValue[values.Count];
        for (var i = 0; i < native.Length; i++)
        {
            native[i] = Add(values[i]);
        }

        return native;
    }

    public OrtValue Add(ModelValue value)
    {
        var native = Make(value);
        _held.Add(native);
        return native;
    }

    public OrtValue Add(DeviceTensor tensor, OrtMemoryInfo info)
    {
        var native = OnnxTensors.Over(tensor, info);
        _held.Add(native);
        return native;
    }

    public void Dispose()
    {
        // The native values first, then the memory beneath them.
        for (var i = _held.Count - 1; i >= 0; i--)
        {
            _held[i].Dispose();
        }
    }

    /// <summary>Copies a native value.</summary>
    public static ModelValue Read(OrtValue value, ValueForm form)
    {
        switch (value.OnnxType)
        {
            case OnnxValueType.ONNX_TYPE_TENSOR: return ReadTensor(value);
            case OnnxValueType.ONNX_TYPE_SEQUENCE:
                var item = form.Kind == ValueKind.Optional ? form.Inner!.Inner! : form.Inner!;
                var items = new ModelValue[value.GetValueCount()];
                for (var i = 0; i < items.Length; i++)
                {
                    using var one = value.GetValue(i, OrtAllocator.DefaultInstance);
                    items[i] = Read(one, item);
                }

                return new SequenceValue(items, item);
            case OnnxValueType.ONNX_TYPE_MAP:
                using (var keys = value.GetValue(0, OrtAllocator.DefaultInstance))
                using (var values = value.GetValue(1, OrtAllocator.DefaultInstance))
                {
                    return new MapValue(ReadTensor(keys), ReadTensor(values));
                }

            default: return new NoValue(form.Kind == ValueKind.Optional ? form.Inner! : form);
        }
    }

    private static TensorValue ReadTensor(OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        var type = (ElementType)(int)info.ElementDataType;
        if (type == ElementType.String)
        {
            return new TensorValue(value.GetStringTensorAsArray(), info.Shape);
        }

        var bytes = info.ElementCount * type.SizeBytes();
        return bytes <= Array.MaxLength
            ? new TensorValue(type, value.GetTensorMutableRawData().ToArray(), info.Shape)
            : throw new MlpException(ErrorCodes.LimitReached, $"An output of {type.Name()}[{string.Join(", ", info.Shape)}] takes {bytes} bytes, more than an array can have.");
    }

    private OrtValue Make(ModelValue value)
    {
        switch (value)
        {
            case TensorValue { Type: ElementType.String } texts:
                return OnnxTensors.Texts(texts.Shape.ToArray(), texts.TextSpan);
            case TensorValue tensor:
                var pinned = new PinnedBytes(tensor.Bytes);
                _held.Add(pinned);
                return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, OnnxTensors.TypeOf(tensor.Type), tensor.Shape.ToArray(), pinned.Address, tensor.Bytes.Length);
            case SequenceValue sequence:
                // The sequence takes them over and empties the list.
                var items = new List<OrtValue>(sequence.Items.Count);
                foreach (var item in sequence.Items)
                {
                    items.Add(Make(item));
                }

                return OrtValue.CreateSequence(items);
            case MapValue map:
                var (keys, values) = (Make(map.Keys), Make(map.Values));
                return OrtValue.CreateMap(ref keys!, ref values!);
            default:
                throw new MlpException(InferenceErrors.Unsupported, $"ONNX Runtime takes no value of the form {value.Form} as an input.");
        }
    }

    private sealed class PinnedBytes : IDisposable
    {
        private GCHandle _handle;

        public PinnedBytes(ReadOnlyMemory<byte> bytes)
        {
            var segment = MemoryMarshal.TryGetArray(bytes, out var found) ? found : new ArraySegment<byte>(bytes.ToArray());
            _handle = GCHandle.Alloc(segment.Array, GCHandleType.Pinned);
            Address = _handle.AddrOfPinnedObject() + segment.Offset;
        }

        public nint Address { get; }

        public void Dispose() => _handle.Free();
    }
}
