using Microsoft.ML.OnnxRuntime;
using Mlp.Inference;

namespace Mlp.Benchmarks;

/// <summary>Callers that each await one row, against ONNX Runtime without callers, tuned by an exhaustive sweep.</summary>
internal sealed class InferenceThroughput : IBenchmark
{
    public string Name => "inference.throughput";

    public string Settings => "64 asynchronous callers, each awaiting its one row, default options; against ONNX Runtime in tight loops without callers, memory bound once and filled, at the best of all batch sizes × instances × threads with at most 64 rows in flight";

    public IReadOnlyList<Figure> Run(Effort effort, Action<string> say)
    {
        say("mlp: a net 64-256-256-1 of seeded weights, by ONNX Runtime");
        var figures = new List<Figure> { Measure(effort, "mlp", NetModel.Write(), NetModel.Rows, new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntime }, say) };
        var trees = TreeModel.Find(Directory.GetCurrentDirectory());
        say($"trees: {trees.Origin}");
        figures.Add(Measure(effort, "trees", trees.Onnx, trees.Rows, new HostedModelOptions { Runtime = RuntimeChoice.Auto }, say));
        if (OcrModel.TryRead() is not { } ocr)
        {
            say("ocr: left out: eng/fetch-models.sh brings the model");
            return figures;
        }

        say("ocr: PaddleOCR's angle classifier over 3×48×192, by ONNX Runtime");
        figures.Add(Measure(effort, "ocr", ocr, OcrModel.Rows, new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntime, RowShapes = OcrModel.RowShapes }, say));
        return figures;
    }

    private Figure Measure(Effort effort, string name, byte[] onnx, Func<int, float[]> rows, HostedModelOptions options, Action<string> say)
    {
        using var model = new ServedModel(onnx, rows, options);
        say($"{name}: {model.Model.Version.Runtime}; {model.Model.Version.RuntimeReason} Batches of {string.Join(", ", model.Model.Version.PreferredBatchRows.DefaultIfEmpty())} rows.");
        var setting = OrtSweep.Best(model, effort.Sample / 20, effort == Effort.Full ? 4 : 2, say);
        using var peer = new RawOrt(model, setting);
        peer.Check();
        var measured = SideBySide.Measure(effort, model.Ask, peer.Run, 1e9);
        peer.Check();
        return Figure.OfCost(Name, name, measured, $"onnxruntime {OrtEnv.Instance().GetVersionString()}, {setting}", "ns");
    }
}
