using System.Runtime.CompilerServices;
using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Batching;

/// <summary>Where the users of other servers tripped.</summary>
public class FieldTests
{
    [Fact]
    public async Task Bounds_count_rows_not_requests()
    {
        using var gate = new Gate();
        await using var batcher = new DynamicBatcher(new ScriptedModel { OnRun = (_, _) => gate.Pass() }, new BatchingOptions { Instances = 1, BatchRowsMax = 8, QueueRowsMax = 4 });
        var running = batcher.PredictAsync([0, 0], new float[2]).AsTask();
        gate.AwaitArrival();
        var rows = Enumerable.Range(0, 8).Select(i => (float)i).ToArray();
        var outputs = new float[8];
        var many = batcher.PredictManyAsync(rows, outputs).AsTask();
        Assert.Equal(4, batcher.WaitingRows);
        Assert.Equal(InferenceErrors.Overloaded, (await Assert.ThrowsAsync<MlpException>(() => batcher.PredictAsync([1, 1], new float[2]).AsTask())).Code);
        gate.Open();
        await Task.WhenAll(running, many);
        Assert.Equal(rows, outputs);
    }

    [Fact]
    public async Task Every_batch_size_is_run_before_the_first_caller_meets_it()
    {
        var model = new ScriptedModel { Sizes = [1, 2, 5, 8] };
        await using var batcher = new DynamicBatcher(model, new BatchingOptions { Instances = 3, BatchRowsMax = 8 });
        Assert.Equal([1, 2, 5, 8], model.WarmUps.Distinct());
        Assert.Equal(2, model.WarmUps.Skip(4).Count(rows => rows == 1));
    }

    [Fact]
    public async Task An_objective_refuses_at_the_door_and_never_ends_what_it_let_in()
    {
        using var gate = new Gate();
        var time = new ManualTime();
        var model = new ScriptedModel { OnRun = (_, _) => gate.Pass() };
        await using var batcher = new DynamicBatcher(model, new BatchingOptions { Instances = 1, BatchRowsMax = 4, LatencyObjective = TimeSpan.FromMilliseconds(10) }, time: time);
        var running = batcher.PredictAsync([0, 0], new float[2]).AsTask();
        gate.AwaitArrival();
        var accepted = Enumerable.Range(0, 4).Select(_ => batcher.PredictAsync([1, 1], new float[2]).AsTask()).ToArray();
        var error = await Assert.ThrowsAsync<MlpException>(() => batcher.PredictAsync([2, 2], new float[2]).AsTask());
        Assert.Equal(InferenceErrors.Overloaded, error.Code);
        Assert.Contains("objective of 10 ms", error.Message, StringComparison.Ordinal);
        time.Advance(TimeSpan.FromSeconds(5));
        gate.Open();
        await Task.WhenAll([running, .. accepted]);
    }

    [Fact]
    public async Task What_is_disposed_leaves_no_memory_behind_though_its_requests_are_used_again()
    {
        var (model, batcher) = await UseAndDisposeAsync();

        // Pooled threads and timers may hold a reference for a moment more.
        for (var i = 0; i < 50 && (model.IsAlive || batcher.IsAlive); i++)
        {
            await Task.Yield();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(model.IsAlive);
        Assert.False(batcher.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<(WeakReference Model, WeakReference Batcher)> UseAndDisposeAsync()
    {
        var model = new ScriptedModel();
        var batcher = new DynamicBatcher(model);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => batcher.PredictAsync([i, i], new float[2]).AsTask()));
        await batcher.DisposeAsync();
        return (new WeakReference(model), new WeakReference(batcher));
    }
}
