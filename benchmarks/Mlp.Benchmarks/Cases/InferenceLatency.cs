using System.Diagnostics;
using Mlp.Inference;

namespace Mlp.Benchmarks;

/// <summary>What batching adds to a raw run where there is nobody to share a batch with.</summary>
internal sealed class InferenceLatency : IBenchmark
{
    private const double TargetMicroseconds = 3;

    public string Name => "inference.latency";

    public string Settings => "microseconds that a prediction adds to a raw Run of ONNX Runtime with bound memory; a net 64-256-256-1, one caller, one row at a time, p50 of each sample, samples by turns";

    public IReadOnlyList<Figure> Run(Effort effort, Action<string> say)
    {
        using var model = new ServedModel(NetModel.Write(), NetModel.Rows, new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntime });
        using var raw = new RawOrt(model, OrtSetting.OneRow);
        var count = effort == Effort.Smoke ? 50 : (int)(effort.Sample.TotalMicroseconds / 20);
        var times = new double[count];
        for (var i = 0; i < 5; i++)
        {
            Task.Run(() => AwaitedAsync(model, times)).GetAwaiter().GetResult();
            Synchronous(model, times);
            Raw(model, raw, times);
        }

        var (awaited, synchronous, bare) = (new double[effort.Pairs], new double[effort.Pairs], new double[effort.Pairs]);
        for (var i = 0; i < effort.Pairs; i++)
        {
            bare[i] = Raw(model, raw, times);
            awaited[i] = Task.Run(() => AwaitedAsync(model, times)).GetAwaiter().GetResult() - bare[i];
            synchronous[i] = Synchronous(model, times) - bare[i];
        }

        say($"a raw run takes {SideBySide.Median(bare):0.00} us");
        return [Figure.OfTarget(Name, "awaited", SideBySide.Median(awaited), awaited.Min(), TargetMicroseconds, "us"), Figure.OfTarget(Name, "synchronous", SideBySide.Median(synchronous), synchronous.Min(), TargetMicroseconds, "us")];
    }

    private static async Task<double> AwaitedAsync(ServedModel model, double[] times)
    {
        var output = new float[model.Model.OutputElements];
        for (var i = 0; i < times.Length; i++)
        {
            var row = i % model.Expected.Length;
            var started = Stopwatch.GetTimestamp();
            await model.Model.PredictAsync(model.Row(row), output).ConfigureAwait(false);
            times[i] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
            model.Check(row, output[^1]);
        }

        return SideBySide.Median(times);
    }

    private static double Synchronous(ServedModel model, double[] times)
    {
        var output = new float[model.Model.OutputElements];
        for (var i = 0; i < times.Length; i++)
        {
            var row = i % model.Expected.Length;
            var started = Stopwatch.GetTimestamp();
            model.Model.Predict(model.Row(row), output);
            times[i] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
            model.Check(row, output[^1]);
        }

        return SideBySide.Median(times);
    }

    private static double Raw(ServedModel model, RawOrt raw, double[] times)
    {
        for (var i = 0; i < times.Length; i++)
        {
            var row = i % model.Expected.Length;
            var started = Stopwatch.GetTimestamp();
            var answer = raw.RunOne(model.Row(row));
            times[i] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
            model.Check(row, answer);
        }

        return SideBySide.Median(times);
    }
}
