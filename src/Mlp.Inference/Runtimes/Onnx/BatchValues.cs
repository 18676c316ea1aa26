using Microsoft.ML.OnnxRuntime;

namespace Mlp.Inference;

/// <summary>
/// A batch's tensors of one size, handed over in each run. A binding would not do where a device runs the model: it copies an input to the device when
/// it is bound, and every run would read those first rows.
/// </summary>
internal sealed class BatchValues : IDisposable
{
    private readonly string[] _inputNames;
    private readonly string[] _outputNames;
    private readonly OrtValue[] _inputs;
    private readonly OrtValue[] _outputs;

    public BatchValues(ModelMemory memory, int size)
    {
        var inputs = memory.Layout.Inputs;
        var outputs = memory.Layout.Outputs;
        (_inputNames, _outputNames) = (new string[inputs.Length], new string[outputs.Length]);
        (_inputs, _outputs) = (new OrtValue[inputs.Length], new OrtValue[outputs.Length]);
        try
        {
            for (var i = 0; i < inputs.Length; i++)
            {
                _inputNames[i] = inputs[i].Name;
                _inputs[i] = OnnxTensors.Over(inputs[i].Type, inputs[i].Shape(size), memory.Input(i), (long)size * inputs[i].RowBytes);
            }

            for (var i = 0; i < outputs.Length; i++)
            {
                _outputNames[i] = outputs[i].Name;
                _outputs[i] = OnnxTensors.Over(outputs[i].Type, outputs[i].Shape(size), memory.Output(i), (long)size * outputs[i].RowBytes);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Copies the inputs to where the model runs, and the outputs back; nothing is copied on the processor.</summary>
    public void Run(InferenceSession session, RunOptions options) => session.Run(options, _inputNames, _inputs, _outputNames, _outputs);

    public void Dispose()
    {
        foreach (var value in (ReadOnlySpan<OrtValue?>)[.. _inputs, .. _outputs])
        {
            value?.Dispose();
        }
    }
}
