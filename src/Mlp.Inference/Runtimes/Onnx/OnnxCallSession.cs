using Microsoft.ML.OnnxRuntime;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Runs one call's values at a time, of whatever shape and form they are.</summary>
internal sealed class OnnxCallSession(InferenceSession session, ModelSignature signature) : IModelSession
{
    private readonly OnnxRun _run = new();
    private readonly string[] _inputs = Names(signature.Inputs);
    private readonly string[] _outputs = Names(signature.Outputs);

    public void Run(ModelMemory memory, int rows)
    {
        using var given = new OnnxValues();
        using var outputs = session.Run(_run.Options, _inputs, given.AddAll(memory.Given), _outputs);
        var answer = new ModelValue[outputs.Count];
        for (var i = 0; i < answer.Length; i++)
        {
            answer[i] = OnnxValues.Read(outputs[i], FormOf(signature.Outputs[i]));
        }

        memory.Answer = answer;
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
