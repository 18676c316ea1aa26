using Mlp.Core;
using Mlp.Edge;

namespace Mlp.Benchmarks;

/// <summary>Trees in managed code against ONNX Runtime, one row a call, each call another row.</summary>
internal sealed class EdgeTreesSingle : IBenchmark
{
    private const int Rows = 4096;

    public string Name => "edge.trees.single";

    public string Settings => $"Mlp.Edge against ONNX Runtime, a row a call, one thread each; {OrtRows.Settings}";

    public IReadOnlyList<Figure> Run(Effort effort, Action<string> say)
    {
        var figures = BoostedTrees.All.Select(model => Measure(effort, model.Name, model.Onnx, BoostedTrees.Rows(effort.Of(Rows)))).ToList();
        var demo = TreeModel.Find(Directory.GetCurrentDirectory());
        say(demo.Origin);
        figures.Add(Measure(effort, "200 trees of 31 leaves", demo.Onnx, demo.Rows(effort.Of(Rows))));
        return figures;
    }

    private Figure Measure(Effort effort, string name, byte[] onnx, float[] rows)
    {
        var edge = EdgeModel.Load(onnx);
        int width = edge.InputWidth(0), output = TreeAnswers.ProbabilitiesOf(edge), count = rows.Length / width;
        var session = edge.CreateSession();
        using var ort = new OrtRows(onnx, edge.Signature, output, 1);
        Check();
        var at = 0;
        var measured = SideBySide.Measure(
            effort,
            times =>
            {
                for (var i = 0; i < times; i++)
                {
                    at = at + 1 == count ? 0 : at + 1;
                    rows.AsSpan(at * width, width).CopyTo(session.Input());
                    session.Run(1);
                }
            },
            times =>
            {
                for (var i = 0; i < times; i++)
                {
                    at = at + 1 == count ? 0 : at + 1;
                    rows.AsSpan(at * width, width).CopyTo(ort.Input.Span);
                    ort.Run();
                }
            },
            1e6);
        Check();
        return Figure.OfCost(Name, name, measured, OrtRows.Peer, "us");

        void Check()
        {
            for (var r = 0; r < count; r++)
            {
                rows.AsSpan(r * width, width).CopyTo(ort.Input.Span);
                ort.Run();
                TreeAnswers.Check(r, session.Run(rows.AsSpan(r * width, width), output), ort.Output.Span, OrtRows.Peer);
            }
        }
    }
}
