using Microsoft.ML.OnnxRuntime;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>
/// A batch's buffers, bound once for each batch size: a run hands over one pointer and copies nothing. Where a device runs the model, tensors over
/// the buffers are handed over in each run. Strings live in the runtime, so a model that
/// has some is bound anew for each run, and keeps none of them afterwards.
/// </summary>
internal sealed class OnnxModelMemory : ModelMemory
{
    private readonly OrtIoBinding?[] _bindings;
    private readonly int[] _sizes;
    private readonly bool _hasTexts;
    private readonly List<IDisposable> _bound = [];
    private readonly NativeBuffers? _buffers;
    private readonly BatchValues?[]? _values;

    /// <summary>Takes the memory and binds it.</summary>
    /// <param name="session">The model.</param>
    /// <param name="layout">Its rows.</param>
    /// <param name="sizes">Batch sizes to bind.</param>
    /// <param name="rowsMax">Largest batch.</param>
    /// <param name="bindsOnce">Whether bindings hold from run to run: where the processor runs the model.</param>
    /// <param name="buffers">Where the memory comes from, taken over; null for the managed heap.</param>
    public OnnxModelMemory(InferenceSession session, ModelLayout layout, IReadOnlyList<int> sizes, int rowsMax, bool bindsOnce, NativeBuffers? buffers)
        : base(layout, Math.Max(rowsMax, sizes[^1]), buffers is null ? AlignedMemory.Allocate<byte> : buffers.Take)
    {
        _buffers = buffers;
        _bindings = new OrtIoBinding?[RowsMax + 1];
        _sizes = new int[RowsMax + 1];
        foreach (var tensor in (ReadOnlySpan<TensorLayout>)[.. layout.Inputs, .. layout.Outputs])
        {
            _hasTexts |= tensor.Type == ElementType.String;
        }

        _values = bindsOnce || _hasTexts ? null : new BatchValues?[RowsMax + 1];
        var rows = 0;
        try
        {
            foreach (var size in sizes)
            {
                var binding = _hasTexts || !bindsOnce ? null : Bind(session, size, _bound);
                var values = _values is null ? null : Values(size);
                for (; rows <= size; rows++)
                {
                    (_bindings[rows], _sizes[rows]) = (binding, size);
                    _values?[rows] = values;
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Run(InferenceSession session, RunOptions options, int rows)
    {
        if (_values is { } values)
        {
            values[rows]!.Run(session, options);
            return;
        }

        if (!_hasTexts)
        {
            session.RunWithBinding(options, _bindings[rows]!);
            return;
        }

        var bound = new List<IDisposable>();
        try
        {
            var binding = Bind(session, _sizes[rows], bound, rows);
            session.RunWithBinding(options, binding);
            TakeTexts(binding, rows);
        }
        finally
        {
            Release(bound);
        }
    }

    protected override void Dispose(bool disposing)
    {
        // The bindings first, then the memory beneath them.
        Release(_bound);
        _buffers?.Dispose();
        base.Dispose(disposing);
    }

    private BatchValues Values(int size)
    {
        var values = new BatchValues(this, size);
        _bound.Add(values);
        return values;
    }

    private static void Release(List<IDisposable> bound)
    {
        for (var i = bound.Count - 1; i >= 0; i--)
        {
            bound[i].Dispose();
        }

        bound.Clear();
    }

    private void TakeTexts(OrtIoBinding binding, int rows)
    {
        using var values = binding.GetOutputValues();
        for (var i = 0; i < Layout.Outputs.Length; i++)
        {
            if (Layout.Outputs[i].Type != ElementType.String)
            {
                continue;
            }

            var texts = OutputTexts(i, 0, rows);
            for (var t = 0; t < texts.Length; t++)
            {
                texts[t] = values[i].GetStringElement(t);
            }
        }
    }

    // The rows of strings that are there are given; those that only fill the size up stay empty.
    private OrtIoBinding Bind(InferenceSession session, int size, List<IDisposable> bound, int rows = 0)
    {
        var binding = session.CreateIoBinding();
        bound.Add(binding);
        for (var i = 0; i < Layout.Inputs.Length; i++)
        {
            var input = Layout.Inputs[i];
            var value = input.Type == ElementType.String ? OnnxTensors.Texts(input.Shape(size), InputTexts(i, 0, rows)) : OnnxTensors.Over(input.Type, input.Shape(size), Input(i), (long)size * input.RowBytes);
            bound.Add(value);
            binding.BindInput(input.Name, value);
        }

        for (var i = 0; i < Layout.Outputs.Length; i++)
        {
            var output = Layout.Outputs[i];
            if (output.Type == ElementType.String)
            {
                binding.BindOutputToDevice(output.Name, OrtMemoryInfo.DefaultInstance);
                continue;
            }

            var value = OnnxTensors.Over(output.Type, output.Shape(size), Output(i), (long)size * output.RowBytes);
            bound.Add(value);
            binding.BindOutput(output.Name, value);
        }

        return binding;
    }
}
