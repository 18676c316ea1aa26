using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Hosting;

public class MetricsTests
{
    [Fact]
    public async Task Requests_rejections_failures_batches_and_times_are_counted_by_model_and_version()
    {
        var seen = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == ModelMetrics.MeterName)
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Count(i, value, tags));
        listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Count(i, 1, tags));
        listener.Start();

        using var gate = new Gate();
        var model = new ScriptedModel
        {
            OnRun = (rows, memory) =>
            {
                gate.Pass();
                if (memory.InputRows(0, 0, rows).Contains(13))
                {
                    throw new InvalidOperationException();
                }
            },
        };
        await using (var batcher = new DynamicBatcher(model, new BatchingOptions { Instances = 1, BatchRowsMax = 2, QueueRowsMax = 4 }, new ModelMetrics("counted", "9")))
        {
            var first = batcher.PredictAsync([1, 1], new float[2]).AsTask();
            gate.AwaitArrival();
            using var cancel = new CancellationTokenSource();
            var canceled = batcher.PredictAsync([1, 1], new float[2], cancellationToken: cancel.Token).AsTask();
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => canceled);
            var good = new[] { 1, 1 }.Select(x => batcher.PredictAsync([x, x], new float[2]).AsTask()).ToArray();
            var bad = new[] { 13, 13 }.Select(x => batcher.PredictAsync([x, x], new float[2]).AsTask()).ToArray();
            await Assert.ThrowsAsync<MlpException>(() => batcher.PredictAsync([1, 1], new float[2]).AsTask());
            gate.Open();
            await Task.WhenAll([first, .. good]);
            foreach (var task in bad)
            {
                await Assert.ThrowsAsync<MlpException>(() => task);
            }
        }

        Assert.Equal(3, seen["mlp.inference.requests"]);
        Assert.Equal(1, seen["mlp.inference.rejected"]);
        Assert.Equal(2, seen["mlp.inference.failures backend"]);
        Assert.Equal(1, seen["mlp.inference.failures canceled"]);
        Assert.Equal(5, seen["mlp.inference.queue.duration"]);
        Assert.Equal(3, seen["mlp.inference.batch.rows"]);
        Assert.Equal(2, seen["mlp.inference.execute.duration"]);

        void Count(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var values = tags.ToArray().ToDictionary(t => t.Key, t => (string?)t.Value);
            if (values["model"] == "counted" && values["version"] == "9")
            {
                seen.AddOrUpdate($"{instrument.Name} {values.GetValueOrDefault("reason")}".Trim(), value, (_, before) => before + value);
            }
        }
    }
}
