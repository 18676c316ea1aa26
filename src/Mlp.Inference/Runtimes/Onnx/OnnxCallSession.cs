using Microsoft.ML.OnnxRuntime;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Runs one call's values at a time, of whatever shape and form they are.</summary>
internal sealed class OnnxCallSession(OnnxSharedSession shared, ModelSignature signature) : IModelSession
{
    private readonly OnnxRun _run = new();
    private readonly string[] _inputs = Names(signature.Inputs);
    private readonly string[] _outputs = Names(signature.Outputs);

    public void Run(ModelMemory memory, int rows)
    {
        if (memory.Device is { } device)
        {
            Run(memory, device);
            return;
        }

        using var given = new OnnxValues();
        using var outputs = shared.Session.Run(_run.Options, _inputs, given.AddAll(memory.Given), _outputs);
        var answer = new ModelValue[outputs.Count];
        for (var i = 0; i < answer.Length; i++)
        {
            answer[i] = OnnxValues.Read(outputs[i], FormOf(signature.Outputs[i]));
        }

        memory.Answer = answer;
    }

    private void Run(ModelMemory memory, DeviceCall call)
    {
        if (!call.TryBegin())
        {
            // Its caller has gone, and the memory perhaps with it: nobody gets this.
            throw new OperationCanceledException("The call ended before its run began.");
        }

        try
        {
            using var bound = new OnnxValues();
            using var binding = shared.Session.CreateIoBinding();
            for (var i = 0; i < _inputs.Length; i++)
            {
                binding.BindInput(_inputs[i], memory.Given[i] is DeviceTensor device ? bound.Add(device, shared.InfoOf(device.Memory)) : bound.Add(memory.Given[i]));
            }

            for (var i = 0; i < _outputs.Length; i++)
            {
                if (call.Outputs[i] is { } device)
                {
                    binding.BindOutput(_outputs[i], bound.Add(device, shared.InfoOf(device.Memory)));
                }
                else
                {
                    binding.BindOutputToDevice(_outputs[i], OrtMemoryInfo.DefaultInstance);
                }
            }

            shared.Session.RunWithBinding(_run.Options, binding);
            using var outputs = binding.GetOutputValues();
            var answer = new ModelValue[outputs.Count];
            for (var i = 0; i < answer.Length; i++)
            {
                answer[i] = (ModelValue?)call.Outputs[i] ?? OnnxValues.Read(outputs[i], FormOf(signature.Outputs[i]));
            }

            memory.Answer = answer;
        }
        finally
        {
            call.End();
        }
    }

    public void Cancel() => _run.Cancel();

    public void Reset() => _run.Reset();

    public void Dispose() => _run.Dispose();

    private static ValueForm FormOf(TensorSpec spec) => spec.Form ?? ValueForm.Tensor(spec.Type);

    private static string[] Names(ReadOnlySpan<TensorSpec> specs)
    {
        var names = new string[specs.Length];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = specs[i].Name;
        }

        return names;
    }
}
