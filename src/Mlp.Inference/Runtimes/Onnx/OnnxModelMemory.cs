using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>A batch's buffers, bound once for each batch size: a run hands over one pointer and copies nothing.</summary>
internal sealed class OnnxModelMemory : ModelMemory
{
    private readonly OrtIoBinding?[] _bindings;
    private readonly List<IDisposable> _bound = [];

    public OnnxModelMemory(InferenceSession session, ModelLayout layout, int rowsMax)
        : base(layout, rowsMax)
    {
        _bindings = new OrtIoBinding?[rowsMax + 1];
        var rows = 0;
        try
        {
            foreach (var size in OnnxBatchSizes.UpTo(rowsMax))
            {
                var binding = Bind(session, size);
                for (; rows <= size; rows++)
                {
                    _bindings[rows] = binding;
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public OrtIoBinding Binding(int rows) => _bindings[rows]!;

    protected override void Dispose(bool disposing)
    {
        for (var i = _bound.Count - 1; i >= 0; i--)
        {
            _bound[i].Dispose();
        }

        _bound.Clear();
        base.Dispose(disposing);
    }

    private OrtIoBinding Bind(InferenceSession session, int rows)
    {
        var binding = session.CreateIoBinding();
        for (var i = 0; i < Layout.Inputs.Length; i++)
        {
            binding.BindInput(Layout.Inputs[i].Name, Value(Layout.Inputs[i], Input(i), rows));
        }

        for (var i = 0; i < Layout.Outputs.Length; i++)
        {
            binding.BindOutput(Layout.Outputs[i].Name, Value(Layout.Outputs[i], Output(i), rows));
        }

        _bound.Add(binding);
        return binding;
    }

    private OrtValue Value(TensorLayout tensor, Memory<byte> memory, int rows)
    {
        // The buffers lie on the pinned heap and live as long as this object, so their address is all that is needed.
        var found = MemoryMarshal.TryGetArray<byte>(memory, out var segment);
        Debug.Assert(found);
        var value = OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance,
            tensor.Type == ElementType.Float32 ? TensorElementType.Float : TensorElementType.Int64,
            tensor.Shape(rows),
            Marshal.UnsafeAddrOfPinnedArrayElement(segment.Array!, segment.Offset),
            (long)rows * tensor.RowBytes);
        _bound.Add(value);
        return value;
    }
}
