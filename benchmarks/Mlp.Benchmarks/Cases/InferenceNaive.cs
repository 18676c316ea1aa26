using Microsoft.ML.OnnxRuntime;
using Mlp.Inference;

namespace Mlp.Benchmarks;

/// <summary>Callers that each await one row, against as many that each call <c>Run</c>, the way ONNX Runtime is used first.</summary>
internal sealed class InferenceNaive : IBenchmark
{
    public string Name => "inference.naive";

    public string Settings => "64 asynchronous callers on a net 64-256-256-1, default options on both sides; ONNX Runtime with one Run a request over the caller's own memory";

    public IReadOnlyList<Figure> Run(Effort effort, Action<string> say)
    {
        using var model = new ServedModel(NetModel.Write(), NetModel.Rows, new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntime });
        using var session = new InferenceSession(model.Onnx);
        var measured = SideBySide.Measure(effort, model.Ask, times => Ask(model, session, times), 1e9);
        return [Figure.OfCost(Name, "mlp", measured, $"onnxruntime {OrtEnv.Instance().GetVersionString()}", "ns")];
    }

    private static void Ask(ServedModel model, InferenceSession session, int times)
    {
        var each = (times + ServedModel.Callers - 1) / ServedModel.Callers;
        var callers = new Task[ServedModel.Callers];
        for (var c = 0; c < callers.Length; c++)
        {
            var caller = c;
            callers[c] = Task.Run(() => Loop(model, session, caller, each));
        }

        Task.WhenAll(callers).GetAwaiter().GetResult();
    }

    private static void Loop(ServedModel model, InferenceSession session, int caller, int times)
    {
        using var options = new RunOptions();
        var row = new float[model.Model.RowElements];
        var output = new float[model.Model.OutputElements];
        string[] inputs = [model.Model.Layout.Inputs[0].Name];
        string[] outputs = [model.Model.Layout.Outputs[model.Model.OutputIndex].Name];
        for (var i = 0; i < times; i++)
        {
            var index = (i % ServedModel.Turns * ServedModel.Callers) + caller;
            model.Row(index).CopyTo(row);
            using var x = OrtValue.CreateTensorValueFromMemory(row, [1, row.Length]);
            using var y = OrtValue.CreateTensorValueFromMemory(output, [1, output.Length]);
            session.Run(options, inputs, [x], outputs, [y]);
            model.Check(index, output[^1]);
        }
    }
}
