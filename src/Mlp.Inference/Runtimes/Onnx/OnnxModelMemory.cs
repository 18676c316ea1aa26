using Microsoft.ML.OnnxRuntime;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>A batch's buffers, bound once for each batch size: a run hands over one pointer and copies nothing. Strings, which live in the runtime, are carried over before and after it.</summary>
internal sealed class OnnxModelMemory : ModelMemory
{
    private readonly BoundBatch?[] _batches;
    private readonly List<IDisposable> _bound = [];

    public OnnxModelMemory(InferenceSession session, ModelLayout layout, IReadOnlyList<int> sizes, int rowsMax)
        : base(layout, Math.Max(rowsMax, sizes[^1]))
    {
        _batches = new BoundBatch?[RowsMax + 1];
        var rows = 0;
        try
        {
            foreach (var size in sizes)
            {
                var batch = Bind(session, size);
                for (; rows <= size; rows++)
                {
                    _batches[rows] = batch;
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
        var batch = _batches[rows]!;
        if (!batch.HasTexts)
        {
            session.RunWithBinding(options, batch.Binding);
            return;
        }

        for (var i = 0; i < Layout.Inputs.Length; i++)
        {
            if (batch.InputTexts[i] is { } texts)
            {
                Give(InputTexts(i, 0, rows), texts);
            }
        }

        session.RunWithBinding(options, batch.Binding);
        TakeTexts(batch, rows);
    }

    protected override void Dispose(bool disposing)
    {
        for (var i = _bound.Count - 1; i >= 0; i--)
        {
            _bound[i].Dispose();
        }

        _bound.Clear();
        base.Dispose(disposing);
    }

    private static void Give(ReadOnlySpan<string> rows, OrtValue texts)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            texts.StringTensorSetElementAt((rows[i] ?? "").AsSpan(), i);
        }
    }

    private void TakeTexts(BoundBatch batch, int rows)
    {
        using var values = batch.Binding.GetOutputValues();
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

    private BoundBatch Bind(InferenceSession session, int rows)
    {
        var binding = session.CreateIoBinding();
        _bound.Add(binding);
        var texts = new OrtValue?[Layout.Inputs.Length];
        var hasTexts = false;
        for (var i = 0; i < Layout.Inputs.Length; i++)
        {
            var input = Layout.Inputs[i];
            if (input.Type == ElementType.String)
            {
                _bound.Add(texts[i] = OnnxTensors.Texts(input.Shape(rows)));
                hasTexts = true;
            }

            binding.BindInput(input.Name, texts[i] ?? Value(input, Input(i), rows));
        }

        for (var i = 0; i < Layout.Outputs.Length; i++)
        {
            var output = Layout.Outputs[i];
            if (output.Type == ElementType.String)
            {
                binding.BindOutputToDevice(output.Name, OrtMemoryInfo.DefaultInstance);
                hasTexts = true;
            }
            else
            {
                binding.BindOutput(output.Name, Value(output, Output(i), rows));
            }
        }

        return new BoundBatch(binding, texts, hasTexts);
    }

    private OrtValue Value(TensorLayout tensor, Memory<byte> memory, int rows)
    {
        var value = OnnxTensors.Over(tensor.Type, tensor.Shape(rows), memory, (long)rows * tensor.RowBytes);
        _bound.Add(value);
        return value;
    }

    private sealed record BoundBatch(OrtIoBinding Binding, OrtValue?[] InputTexts, bool HasTexts);
}
