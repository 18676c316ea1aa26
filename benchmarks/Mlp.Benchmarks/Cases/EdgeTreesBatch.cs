using Mlp.Edge;

namespace Mlp.Benchmarks;

/// <summary>Trees in managed code against ONNX Runtime and XGBoost, many rows a call.</summary>
internal sealed class EdgeTreesBatch : IBenchmark
{
    private const int Rows = 10_000;

    public string Name => "edge.trees.batch";

    public string Settings => $"Mlp.Edge against ONNX Runtime and XGBoost, 10000 rows a call, one thread each; {OrtRows.Settings}; {XgboostPeer.Settings}";

    public IReadOnlyList<Figure> Run(Effort effort, Action<string> say)
    {
        var figures = new List<Figure>();
        foreach (var model in BoostedTrees.All)
        {
            var rows = BoostedTrees.Rows(effort.Of(Rows));
            figures.Add(AgainstOrt(effort, model.Name, model.Onnx, rows));
            using var xgboost = XgboostPeer.TryStart(model, rows);
            if (xgboost is null)
            {
                say("XGBoost is missing: apt-get install python3-xgboost");
                continue;
            }

            figures.Add(AgainstXgboost(effort, model, rows, xgboost));
        }

        var demo = TreeModel.Find(Directory.GetCurrentDirectory());
        say(demo.Origin);
        figures.Add(AgainstOrt(effort, "200 trees of 31 leaves", demo.Onnx, demo.Rows(effort.Of(Rows))));
        return figures;
    }

    private Figure AgainstOrt(Effort effort, string name, byte[] onnx, float[] rows)
    {
        var (edge, session, count) = Load(onnx, rows);
        var output = TreeAnswers.ProbabilitiesOf(edge);
        using var ort = new OrtRows(onnx, edge.Signature, output, count);
        rows.CopyTo(ort.Input.Span);
        Check();
        var measured = SideBySide.Measure(effort, times => Repeat(times, () => session.Run(count)), times => Repeat(times, ort.Run), 1e6 / count);
        Check();
        return Figure.OfCost(Name, name, measured, OrtRows.Peer, "us");

        void Check()
        {
            session.Run(count);
            ort.Run();
            var outputs = edge.OutputWidth(output);
            for (var r = 0; r < count; r++)
            {
                TreeAnswers.Check(r, session.Output<float>(output).Slice(r * outputs, outputs), ort.Output.Span.Slice(r * outputs, outputs), OrtRows.Peer);
            }
        }
    }

    private Figure AgainstXgboost(Effort effort, BoostedTrees model, float[] rows, XgboostPeer xgboost)
    {
        var (edge, session, count) = Load(model.Onnx, rows);
        var output = TreeAnswers.ProbabilitiesOf(edge);
        var measured = SideBySide.Measure(effort, times => Repeat(times, () => session.Run(count)), xgboost.Run, 1e6 / count);
        var answers = xgboost.Answers();
        for (var r = 0; r < count; r++)
        {
            TreeAnswers.Check(r, session.Output<float>(output).Slice((r * 2) + 1, 1), answers.AsSpan(r, 1), "XGBoost");
        }

        return Figure.OfCost(Name, $"{model.Name}, XGBoost", measured, $"xgboost {xgboost.Version}", "us");
    }

    private static (EdgeModel Edge, EdgeSession Session, int Count) Load(byte[] onnx, float[] rows)
    {
        var edge = EdgeModel.Load(onnx);
        var count = rows.Length / edge.InputWidth(0);
        var session = edge.CreateSession(count);
        rows.CopyTo(session.Input());
        return (edge, session, count);
    }

    private static void Repeat(int times, Action work)
    {
        for (var i = 0; i < times; i++)
        {
            work();
        }
    }
}
