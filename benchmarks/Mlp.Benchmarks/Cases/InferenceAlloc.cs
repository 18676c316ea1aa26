using System.Diagnostics;
using Mlp.Inference;

namespace Mlp.Benchmarks;

/// <summary>Bytes that the whole process allocates for a prediction once callers are on their way.</summary>
internal sealed class InferenceAlloc : IBenchmark
{
    private const int Windows = 7;

    public string Name => "inference.alloc";

    public string Settings => "bytes that the whole process allocates for a prediction in the steady state, least of several windows; 64 asynchronous callers, a net 64-256-256-1 by ONNX Runtime";

    public IReadOnlyList<Figure> Run(Effort effort, Action<string> say)
    {
        using var model = new ServedModel(NetModel.Write(), NetModel.Rows, new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntime });
        var predictor = new Predictor<NetRow, NetAnswer>(model.Model);
        return
        [
            Measure("bytes a prediction", (caller, traffic) => AskAsync(model, caller, traffic), effort, say),
            Measure("bytes a typed prediction", (caller, traffic) => AskTypedAsync(model, predictor, caller, traffic), effort, say),
        ];
    }

    private Figure Measure(string name, Func<int, Traffic, Task> ask, Effort effort, Action<string> say)
    {
        var traffic = new Traffic();
        var callers = Enumerable.Range(0, ServedModel.Callers).Select(c => Task.Run(() => ask(c, traffic))).ToArray();
        Wait(effort.Warmup);
        var least = double.MaxValue;
        // A window in which nobody was answered, as a short one on a busy machine may be, says nothing.
        for (var i = 0; i < Windows || least == double.MaxValue; i++)
        {
            var (bytes, count) = (GC.GetTotalAllocatedBytes(precise: true), Interlocked.Read(ref traffic.Predictions));
            Wait(effort.Sample);
            var (allocated, done) = (GC.GetTotalAllocatedBytes(precise: true) - bytes, Interlocked.Read(ref traffic.Predictions) - count);
            if (done > 0)
            {
                say($"{name}: {allocated} for {done} predictions");
                least = Math.Min(least, allocated / (double)done);
            }
        }

        Volatile.Write(ref traffic.Stopped, true);
        Task.WaitAll(callers);
        return Figure.OfAllocation(Name, name, least);
    }

    private static async Task AskTypedAsync(ServedModel model, Predictor<NetRow, NetAnswer> predictor, int caller, Traffic traffic)
    {
        var width = model.Model.RowElements;
        for (var i = 0; !Volatile.Read(ref traffic.Stopped); i++)
        {
            var row = (i % ServedModel.Turns * ServedModel.Callers) + caller;
            var answer = await predictor.PredictAsync(new NetRow(model.Rows.AsMemory(row * width, width))).ConfigureAwait(false);
            model.Check(row, answer.Y);
            Interlocked.Increment(ref traffic.Predictions);
        }
    }

    private static async Task AskAsync(ServedModel model, int caller, Traffic traffic)
    {
        var output = new float[model.Model.OutputElements];
        for (var i = 0; !Volatile.Read(ref traffic.Stopped); i++)
        {
            var row = (i % ServedModel.Turns * ServedModel.Callers) + caller;
            await model.Model.PredictAsync(model.Row(row), output).ConfigureAwait(false);
            model.Check(row, output[^1]);
            Interlocked.Increment(ref traffic.Predictions);
        }
    }

    // The thread that measures must not allocate, which a task's delay does.
    private static void Wait(TimeSpan time)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            Thread.Sleep(1);
        }
    }

    private sealed class Traffic
    {
        public long Predictions;
        public bool Stopped;
    }
}

/// <summary>A row of the net.</summary>
internal readonly partial record struct NetRow([ModelInput("x", Width = 64)] ReadOnlyMemory<float> X);

/// <summary>Its answer.</summary>
internal readonly partial record struct NetAnswer([ModelOutput("y")] float Y);
