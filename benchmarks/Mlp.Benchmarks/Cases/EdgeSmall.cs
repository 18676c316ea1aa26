using Mlp.Core;
using Mlp.Edge;

namespace Mlp.Benchmarks;

/// <summary>A linear model behind a scaler, one row a call: where a call into a runtime is all the cost.</summary>
internal sealed class EdgeSmall : IBenchmark
{
    private const int Features = 28;
    private const int Rows = 1024;

    public string Name => "edge.small";

    public string Settings => $"Scaler and LinearRegressor of {Features} features, a row a call: Mlp.Edge against ONNX Runtime, one thread each; {OrtRows.Settings}";

    public IReadOnlyList<Figure> Run(Effort effort, Action<string> say)
    {
        var onnx = Model();
        var random = new Random(3);
        float[] rows = [.. Enumerable.Range(0, Rows * Features).Select(_ => random.NextSingle() * 10)];
        var edge = EdgeModel.Load(onnx);
        var session = edge.CreateSession();
        using var ort = new OrtRows(onnx, edge.Signature, 0, 1);
        Check();
        var at = 0;
        var measured = SideBySide.Measure(
            effort,
            times =>
            {
                for (var i = 0; i < times; i++)
                {
                    at = (at + 1) % Rows;
                    rows.AsSpan(at * Features, Features).CopyTo(session.Input());
                    session.Run(1);
                }
            },
            times =>
            {
                for (var i = 0; i < times; i++)
                {
                    at = (at + 1) % Rows;
                    rows.AsSpan(at * Features, Features).CopyTo(ort.Input.Span);
                    ort.Run();
                }
            },
            1e9);
        Check();
        return [Figure.OfCost(Name, "1 row", measured, OrtRows.Peer, "ns")];

        void Check()
        {
            for (var r = 0; r < Rows; r++)
            {
                var row = rows.AsSpan(r * Features, Features);
                row.CopyTo(ort.Input.Span);
                ort.Run();
                TreeAnswers.Check(r, session.Run(row), ort.Output.Span, OrtRows.Peer);
            }
        }
    }

    private static byte[] Model()
    {
        var random = new Random(4);
        float[] Floats(int count, float from, float to) => [.. Enumerable.Range(0, count).Select(_ => from + (random.NextSingle() * (to - from)))];
        var scaler = new Dictionary<string, OnnxAttribute> { ["offset"] = Floats(Features, 0, 10), ["scale"] = Floats(Features, 0.1f, 0.2f) };
        var linear = new Dictionary<string, OnnxAttribute> { ["coefficients"] = Floats(Features, -1, 1), ["intercepts"] = Floats(1, -1, 1) };
        return new OnnxModel
        {
            Opsets = new Dictionary<string, long> { [""] = 17, ["ai.onnx.ml"] = 3 },
            Graph = new OnnxGraph
            {
                Nodes =
                [
                    new OnnxNode { Domain = "ai.onnx.ml", OpType = "Scaler", Inputs = ["x"], Outputs = ["s"], Attributes = scaler },
                    new OnnxNode { Domain = "ai.onnx.ml", OpType = "LinearRegressor", Inputs = ["s"], Outputs = ["y"], Attributes = linear },
                ],
                Inputs = [Value("x", Features)],
                Outputs = [Value("y", 1)],
            },
        }.Write();
    }

    private static OnnxValueInfo Value(string name, int width) =>
        new(name, new TensorSpec(name, ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Fixed(width)));
}
