using Microsoft.ML.OnnxRuntime;
using Mlp.Core;
using Mlp.Edge;

namespace Mlp.Benchmarks;

/// <summary>Trees in managed code against ONNX Runtime, one thread each: a row alone, and many at once.</summary>
internal sealed class EdgeTrees : IBenchmark
{
    private const int ManyRows = 10_000;
    private const double LargestDifference = 1e-5;

    public string Name => "edge.trees";

    public string Settings => "Mlp.Edge against ONNX Runtime; one thread each; ONNX Runtime with all graph optimisations, no spinning, tensors over pinned memory bound once, only the probabilities asked for";

    public IReadOnlyList<Figure> Run(Effort effort, Action<string> say)
    {
        var model = TreeModel.Find(Directory.GetCurrentDirectory());
        say(model.Origin);
        var edge = EdgeModel.Load(model.Onnx);
        var count = effort.Of(ManyRows);
        var rows = model.Rows(count);
        var width = edge.InputWidth(0);
        var output = Enumerable.Range(0, edge.Signature.Outputs.Length).Last(i => edge.Signature.Outputs[i].Type == ElementType.Float32);

        using var one = new OrtRows(model.Onnx, edge.Signature, output, 1, width, edge.OutputWidth(output));
        using var many = new OrtRows(model.Onnx, edge.Signature, output, count, width, edge.OutputWidth(output));
        var oneSession = edge.CreateSession();
        var manySession = edge.CreateSession(count);
        rows.CopyTo(many.Input.Span);
        rows.CopyTo(manySession.Input());
        Check(edge, rows, output, oneSession, manySession, one, many);

        var at = 0;
        var single = SideBySide.Measure(effort,
            times =>
            {
                for (var i = 0; i < times; i++)
                {
                    at = at + 1 == count ? 0 : at + 1;
                    rows.AsSpan(at * width, width).CopyTo(oneSession.Input());
                    oneSession.Run(1);
                }
            },
            times =>
            {
                for (var i = 0; i < times; i++)
                {
                    at = at + 1 == count ? 0 : at + 1;
                    rows.AsSpan(at * width, width).CopyTo(one.Input.Span);
                    one.Run();
                }
            },
            1e6);
        var batch = SideBySide.Measure(effort, times => Repeat(times, () => manySession.Run(count)), times => Repeat(times, many.Run), 1e6 / count);
        Check(edge, rows, output, oneSession, manySession, one, many);

        var peer = $"onnxruntime {OrtEnv.Instance().GetVersionString()}";
        return [Figure.OfCost(Name, "1 row", single, peer, "us"), Figure.OfCost(Name, "10000 rows", batch, peer, "us")];
    }

    private static void Repeat(int times, Action work)
    {
        for (var i = 0; i < times; i++)
        {
            work();
        }
    }

    // Every row by all four ways.
    private static void Check(EdgeModel edge, float[] rows, int output, EdgeSession oneSession, EdgeSession manySession, OrtRows one, OrtRows many)
    {
        var width = edge.InputWidth(0);
        var outputs = edge.OutputWidth(output);
        manySession.Run(manySession.RowsMax);
        many.Run();
        for (var r = 0; r < manySession.RowsMax; r++)
        {
            var row = rows.AsSpan(r * width, width);
            row.CopyTo(one.Input.Span);
            one.Run();
            var alone = oneSession.Run(row, output);
            for (var k = 0; k < outputs; k++)
            {
                var expected = many.Output.Span[(r * outputs) + k];
                if (!(Math.Abs(alone[k] - expected) < LargestDifference) || !(Math.Abs(one.Output.Span[k] - expected) < LargestDifference))
                {
                    throw new WrongAnswerException($"row {r}: Mlp.Edge gives {alone[k]}, ONNX Runtime {one.Output.Span[k]} alone and {expected} in the batch.");
                }

                if (alone[k] != manySession.Output<float>(output)[(r * outputs) + k])
                {
                    throw new WrongAnswerException($"row {r}: Mlp.Edge gives {alone[k]} alone and {manySession.Output<float>(output)[(r * outputs) + k]} in the batch.");
                }
            }
        }
    }

    /// <summary>ONNX Runtime as it is fastest: memory bound once, read and written in place.</summary>
    private sealed class OrtRows : IDisposable
    {
        private readonly SessionOptions _options = new()
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        };

        private readonly InferenceSession _session;
        private readonly RunOptions _run = new();
        private readonly OrtIoBinding _binding;
        private readonly OrtValue _input;
        private readonly OrtValue _output;

        public OrtRows(byte[] onnx, ModelSignature signature, int output, int rows, int width, int outputs)
        {
            _options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            _session = new InferenceSession(onnx, _options);
            Input = AlignedMemory.Allocate<float>(rows * width);
            Output = AlignedMemory.Allocate<float>(rows * outputs);
            _input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, Input, [rows, width]);
            _output = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, Output, [rows, outputs]);
            _binding = _session.CreateIoBinding();
            _binding.BindInput(signature.Inputs[0].Name, _input);
            _binding.BindOutput(signature.Outputs[output].Name, _output);
        }

        public Memory<float> Input { get; }

        public Memory<float> Output { get; }

        public void Run() => _session.RunWithBinding(_run, _binding);

        public void Dispose()
        {
            _binding.Dispose();
            _input.Dispose();
            _output.Dispose();
            _run.Dispose();
            _session.Dispose();
            _options.Dispose();
        }
    }
}
