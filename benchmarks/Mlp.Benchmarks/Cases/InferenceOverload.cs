using System.Diagnostics;
using Mlp.Core;
using Mlp.Inference;

namespace Mlp.Benchmarks;

/// <summary>Twice the load that the model can take, sent by a clock that waits for no answer.</summary>
internal sealed class InferenceOverload : IBenchmark
{
    private const double RefusalMicrosecondsMax = 1000;
    private const double MemoryGrowthMax = 1.1;
    private static readonly TimeSpan Objective = TimeSpan.FromMilliseconds(25);

    public string Name => "inference.overload";

    public string Settings => "open load at twice the capacity (measured just before with 64 callers), sent each millisecond by a thread that waits for nobody; a net 64-2048-2048-2048-1 by ONNX Runtime, latency objective 25 ms";

    public IReadOnlyList<Figure> Run(Effort effort, Action<string> say)
    {
        var hidden = effort == Effort.Smoke ? 256 : 2048;
        using var model = new ServedModel(
            NetModel.Write(hidden, hidden, hidden),
            NetModel.Rows,
            new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntime, Batching = new BatchingOptions { LatencyObjective = Objective } });
        var capacity = Capacity(model, effort);
        var load = new OpenLoad(model, 2 * capacity, Duration(effort));
        load.Run();
        say($"capacity {capacity:0}/s; accepted {load.Accepted}, refused {load.Refused}");
        if (load.Accepted == 0 || (load.Refused == 0 && effort != Effort.Smoke))
        {
            throw new WrongAnswerException($"of twice the capacity {load.Accepted} were accepted and {load.Refused} refused.");
        }

        return
        [
            Figure.OfTarget(Name, "p99 of the accepted", load.AcceptedMilliseconds(0.99), load.AcceptedMilliseconds(0), 2 * Objective.TotalMilliseconds, "ms"),
            Figure.OfTarget(Name, "p99 of a refusal", load.RefusedMicroseconds(0.99), load.RefusedMicroseconds(0), RefusalMicrosecondsMax, "us"),
            Figure.OfTarget(Name, "memory at the end by memory at a quarter", load.MemoryGrowth, load.MemoryGrowth, MemoryGrowthMax, "x"),
        ];
    }

    private static TimeSpan Duration(Effort effort) =>
        effort == Effort.Full ? TimeSpan.FromSeconds(20) : effort == Effort.Quick ? TimeSpan.FromSeconds(3) : TimeSpan.FromSeconds(0.2);

    private static double Capacity(ServedModel model, Effort effort)
    {
        var rows = ServedModel.Callers;
        while (true)
        {
            var started = Stopwatch.GetTimestamp();
            model.Ask(rows);
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            if (seconds >= 2 * effort.Sample.TotalSeconds)
            {
                return rows / seconds;
            }

            rows *= 2;
        }
    }

    private sealed class OpenLoad(ServedModel model, double rate, TimeSpan duration)
    {
        private readonly float[] _accepted = new float[(int)(1.2 * rate * duration.TotalSeconds) + ServedModel.Callers];
        private readonly float[] _refused = new float[(int)(1.2 * rate * duration.TotalSeconds) + ServedModel.Callers];
        private int _acceptedCount;
        private int _open;
        private volatile Exception? _failure;

        public int Accepted => _acceptedCount;

        public int Refused { get; private set; }

        public double MemoryGrowth { get; private set; }

        public double AcceptedMilliseconds(double quantile) => Quantile(_accepted, _acceptedCount, quantile);

        public double RefusedMicroseconds(double quantile) => Refused == 0 ? 0 : Quantile(_refused, Refused, quantile);

        public void Run()
        {
            // The thread that sends must not wait for the pool's, as no caller from outside would.
            var thread = new Thread(Send) { Priority = ThreadPriority.AboveNormal };
            thread.Start();
            thread.Join();
            SpinWait.SpinUntil(() => Volatile.Read(ref _open) == 0, TimeSpan.FromSeconds(30));
            if (_failure is { } failure)
            {
                throw new WrongAnswerException($"a request that was accepted failed: {failure.Message}");
            }
        }

        private void Send()
        {
            var (sent, atQuarter) = (0L, 0L);
            var started = Stopwatch.GetTimestamp();
            TimeSpan elapsed;
            while ((elapsed = Stopwatch.GetElapsedTime(started)) < duration)
            {
                for (var due = (long)(rate * elapsed.TotalSeconds); sent < due; sent++)
                {
                    Ask((int)(sent % model.Expected.Length));
                }

                if (atQuarter == 0 && elapsed > duration / 4)
                {
                    atQuarter = Environment.WorkingSet;
                }

                Thread.Sleep(1);
            }

            MemoryGrowth = Environment.WorkingSet / (double)atQuarter;
        }

        private void Ask(int row)
        {
            var started = Stopwatch.GetTimestamp();
            var request = model.Model.PredictValueAsync(model.Row(row), model.Model.OutputElements - 1);
            if (!request.IsFaulted)
            {
                Interlocked.Increment(ref _open);
                _ = AcceptAsync(request, row, started);
                return;
            }

            var time = Stopwatch.GetElapsedTime(started);
            if (request.AsTask().Exception!.InnerException is not MlpException { Code: InferenceErrors.Overloaded } && _failure is null)
            {
                _failure = request.AsTask().Exception;
            }

            if (Refused < _refused.Length)
            {
                _refused[Refused++] = (float)time.TotalMicroseconds;
            }
        }

        private async Task AcceptAsync(ValueTask<float> request, int row, long started)
        {
            try
            {
                model.Check(row, await request.ConfigureAwait(false));
                var at = Interlocked.Increment(ref _acceptedCount) - 1;
                _accepted[at] = (float)Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            }
            catch (Exception e)
            {
                _failure ??= e;
            }
            finally
            {
                Interlocked.Decrement(ref _open);
            }
        }

        private static double Quantile(float[] values, int count, double quantile)
        {
            Array.Sort(values, 0, count);
            return values[Math.Min(count - 1, (int)(quantile * count))];
        }
    }
}
