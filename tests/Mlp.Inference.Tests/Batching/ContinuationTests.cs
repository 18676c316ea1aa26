using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Batching;

public class ContinuationTests
{
    [Fact]
    public async Task A_callers_code_that_holds_the_thread_does_not_hold_the_other_callers_for_long()
    {
        using var gate = new Gate();
        using var heldUp = new ManualResetEventSlim();
        using var isHeld = new ManualResetEventSlim();
        var time = new ManualTime();
        var model = new ScriptedModel { OnRun = (_, _) => gate.Pass() };
        await using var batcher = new DynamicBatcher(model, new BatchingOptions { Instances = 1, ContinuationMsMax = 10 }, time: time);
        var before = batcher.PredictAsync([0, 0], new float[2]).AsTask();
        gate.AwaitArrival();
        var holds = HoldAsync();
        var other = batcher.PredictAsync([2, 2], new float[2]).AsTask();
        gate.Open();
        isHeld.Wait();

        // The other's answer is behind the code that holds the thread; so is the instance.
        Assert.False(other.IsCompleted);
        var later = batcher.PredictAsync([3, 3], new float[2]).AsTask();
        time.Advance(TimeSpan.FromMilliseconds(10));
        await other;
        await later;
        Assert.False(holds.IsCompleted);
        heldUp.Set();
        await holds;
        await before;
        await batcher.PredictAsync([4, 4], new float[2]);

        async Task HoldAsync()
        {
            await batcher.PredictAsync([1, 1], new float[2]).ConfigureAwait(false);
            isHeld.Set();
            heldUp.Wait();
        }
    }

    [Fact]
    public async Task A_caller_may_block_on_a_prediction_in_the_code_after_its_await()
    {
        // Time stands still: only the blocked thread itself can have handed its duties over.
        using var gate = new Gate();
        var model = new ScriptedModel { OnRun = (_, _) => gate.Pass() };
        await using var batcher = new DynamicBatcher(model, new BatchingOptions { Instances = 1 }, time: new ManualTime());
        var before = batcher.PredictAsync([0, 0], new float[2]).AsTask();
        gate.AwaitArrival();
        var nested = NestAsync();
        gate.Open();
        await before;
        Assert.Equal(new[] { 5f, 6f }, await nested);

        async Task<float[]> NestAsync()
        {
            await batcher.PredictAsync([1, 1], new float[2]).ConfigureAwait(false);
            var output = new float[2];
            Assert.True(batcher.TryPredict([5, 6], output, 0));
            return output;
        }
    }

    [Fact]
    public async Task Code_that_is_long_on_average_goes_to_the_pool_and_every_caller_still_gets_its_answer()
    {
        var time = new ManualTime();
        await using var batcher = new DynamicBatcher(new ScriptedModel(), new BatchingOptions { Instances = 1, ContinuationMsMax = 1000 }, time: time);
        await Task.Run(async () =>
        {
            for (var i = 0; i < 300; i++)
            {
                var output = new float[2];
                await batcher.PredictAsync([i, -i], output);
                time.Advance(TimeSpan.FromMilliseconds(1));
                Assert.Equal(new float[] { i, -i }, output);
            }
        });
    }

    [Fact]
    public async Task No_row_is_forgotten_while_threads_duties_are_taken_over_all_the_time()
    {
        var time = new ManualTime();
        await using var batcher = new DynamicBatcher(new ScriptedModel { OnRun = (_, _) => { } }, new BatchingOptions { Instances = 2, ContinuationMsMax = 10 }, time: time);
        using var stop = new CancellationTokenSource();

        // To this clock every hand-out is stuck, wherever it stands.
        var clock = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                time.Advance(TimeSpan.FromMilliseconds(10));
            }
        });
        await Task.WhenAll(Enumerable.Range(0, 3).Select(caller => Task.Run(async () =>
        {
            var output = new float[2];
            for (var i = 0; i < 5000; i++)
            {
                await batcher.PredictAsync([caller, i], output);
                Assert.Equal(new float[] { caller, i }, output);
            }
        })));
        await stop.CancelAsync();
        await clock;
    }

    [Fact]
    public async Task A_writer_that_throws_gives_its_place_back_and_harms_nobody()
    {
        using var gate = new Gate();
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Identity(2)), new HostedModelOptions { Runtime = RuntimeChoice.Edge, Batching = new BatchingOptions { Instances = 1 } });
        var outputs = new[] { new float[2], new float[2] };
        var first = model.PredictAsync(1f, static (slot, x) => slot.Input().Fill(x), outputs[0]);
        var error = Assert.Throws<InvalidOperationException>(() =>
        {
            _ = model.PredictAsync(0, static (slot, _) =>
            {
                slot.Input()[0] = 99;
                throw new InvalidOperationException("no row");
            }, new float[2]);
        });
        Assert.Equal("no row", error.Message);
        var second = model.PredictAsync(2f, static (slot, x) => slot.Input().Fill(x), outputs[1]);
        await first;
        await second;
        Assert.Equal([[1, 1], [2, 2]], outputs);
    }
}
