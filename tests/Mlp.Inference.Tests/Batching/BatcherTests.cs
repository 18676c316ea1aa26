using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Batching;

public class BatcherTests
{
    [Fact]
    public async Task Every_caller_gets_its_own_answer_under_concurrency_with_cancellations()
    {
        var model = new ScriptedModel();
        await using var batcher = new DynamicBatcher(model, new BatchingOptions { BatchRowsMax = 8, QueueRowsMax = 400, Instances = 3 });
        var (answered, canceled, refused, sent) = (0, 0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 48).Select(caller => Task.Run(async () =>
        {
            var random = new Random(caller);
            for (var i = 0; i < 300; i++)
            {
                Interlocked.Increment(ref sent);
                var rows = random.Next(6) == 0 ? random.Next(2, 40) : 1;
                var input = new float[rows * 2];
                for (var r = 0; r < rows; r++)
                {
                    (input[2 * r], input[(2 * r) + 1]) = (caller, (i * 100) + r);
                }

                var output = new float[rows * 2];
                using var cancel = new CancellationTokenSource();
                try
                {
                    var task = rows == 1 && random.Next(2) == 0
                        ? batcher.PredictAsync(input, output, cancellationToken: cancel.Token)
                        : batcher.PredictManyAsync(input, output, cancellationToken: cancel.Token);
                    if (random.Next(4) == 0)
                    {
                        await cancel.CancelAsync();
                    }

                    await task;
                    Assert.Equal(input, output);
                    Interlocked.Increment(ref answered);
                }
                catch (OperationCanceledException)
                {
                    Interlocked.Increment(ref canceled);
                }
                catch (MlpException e) when (e.Code == InferenceErrors.Overloaded)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        })));
        Assert.Equal(sent, answered + canceled + refused);
        Assert.Equal(0, batcher.WaitingRows);
        Assert.True(answered > 0);
    }

    [Fact]
    public async Task What_waits_while_the_instance_is_busy_becomes_the_next_batch()
    {
        using var gate = new Gate();
        var model = new ScriptedModel { OnRun = (_, _) => gate.Pass() };
        await using var batcher = new DynamicBatcher(model, new BatchingOptions { Instances = 1 });
        var outputs = Enumerable.Range(0, 11).Select(_ => new float[2]).ToArray();
        var first = batcher.PredictAsync([0, 0], outputs[0]).AsTask();
        gate.AwaitArrival();
        var others = Enumerable.Range(1, 10).Select(i => batcher.PredictAsync([i, -i], outputs[i]).AsTask()).ToArray();
        gate.Open();
        await Task.WhenAll([first, .. others]);
        Assert.Equal([1, 10], model.Batches);
        Assert.All(outputs.Index(), o => Assert.Equal([o.Index, -o.Index], o.Item));
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once_and_answers_what_it_accepted()
    {
        using var gate = new Gate();
        var model = new ScriptedModel { OnRun = (_, _) => gate.Pass() };
        await using var batcher = new DynamicBatcher(model, new BatchingOptions { Instances = 1, BatchRowsMax = 3, QueueRowsMax = 4 });
        var tasks = new List<Task> { batcher.PredictAsync([1, 1], new float[2]).AsTask() };
        gate.AwaitArrival();
        tasks.AddRange(Enumerable.Range(0, 4).Select(_ => batcher.PredictAsync([2, 2], new float[2]).AsTask()));
        var refused = batcher.PredictAsync([3, 3], new float[2]);
        Assert.True(refused.IsFaulted);
        var error = await Assert.ThrowsAsync<MlpException>(refused.AsTask);
        Assert.Equal(InferenceErrors.Overloaded, error.Code);
        Assert.Contains("4 rows waiting", error.Message, StringComparison.Ordinal);
        gate.Open();
        await Task.WhenAll(tasks);
    }

    [Fact]
    public async Task A_request_that_is_cancelled_while_it_waits_frees_its_place_and_never_runs()
    {
        using var gate = new Gate();
        var model = new ScriptedModel { OnRun = (_, _) => gate.Pass() };
        await using var batcher = new DynamicBatcher(model, new BatchingOptions { Instances = 1, BatchRowsMax = 4, QueueRowsMax = 3 });
        var running = batcher.PredictAsync([0, 0], new float[2]).AsTask();
        gate.AwaitArrival();
        using var cancel = new CancellationTokenSource();
        float[][] outputs = [new float[2], [-7, -7], new float[2], new float[2]];
        var first = batcher.PredictAsync([1, 1], outputs[0]).AsTask();
        var canceled = batcher.PredictAsync([2, 2], outputs[1], cancellationToken: cancel.Token).AsTask();
        var third = batcher.PredictAsync([3, 3], outputs[2]).AsTask();
        Assert.Equal(3, batcher.WaitingRows);
        await cancel.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => canceled);
        Assert.Equal(cancel.Token, error.CancellationToken);
        Assert.Equal(2, batcher.WaitingRows);
        var fourth = batcher.PredictAsync([4, 4], outputs[3]).AsTask();
        gate.Open();
        await Task.WhenAll(running, first, third, fourth);
        Assert.Equal([1, 3], model.Batches);
        Assert.Equal([[1, 1], [-7, -7], [3, 3], [4, 4]], outputs);
    }

    [Fact]
    public async Task A_request_that_is_cancelled_while_it_runs_ends_at_once_and_its_memory_is_left_alone()
    {
        using var gate = new Gate();
        var model = new ScriptedModel { OnRun = (_, _) => gate.Pass() };
        await using var batcher = new DynamicBatcher(model, new BatchingOptions { Instances = 1 });
        using var cancel = new CancellationTokenSource();
        float[] output = [-7, -7];
        var canceled = batcher.PredictAsync([1, 1], output, cancellationToken: cancel.Token).AsTask();
        gate.AwaitArrival();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => canceled);
        gate.Open();
        await batcher.PredictAsync([2, 2], new float[2]);
        Assert.Equal([-7f, -7f], output);
    }

    [Fact]
    public async Task A_token_that_is_cancelled_before_keeps_the_request_out()
    {
        var model = new ScriptedModel { OnRun = (_, _) => { } };
        await using var batcher = new DynamicBatcher(model);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => batcher.PredictAsync([1, 1], new float[2], cancellationToken: new CancellationToken(true)).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => batcher.PredictManyAsync(new float[4], new float[4], cancellationToken: new CancellationToken(true)).AsTask());
        Assert.Empty(model.Batches);
    }

    [Fact]
    public async Task A_deadline_ends_the_request_that_waits_and_the_one_that_hangs_in_the_model()
    {
        using var gate = new Gate();
        var time = new ManualTime();
        var model = new ScriptedModel { OnRun = (_, _) => gate.Pass() };
        await using var batcher = new DynamicBatcher(model, new BatchingOptions { Instances = 1, Deadline = TimeSpan.FromSeconds(2) }, time: time);
        var hangs = batcher.PredictAsync([1, 1], new float[2]).AsTask();
        gate.AwaitArrival();
        var waits = batcher.PredictAsync([2, 2], new float[2], options: new RequestOptions { Deadline = TimeSpan.FromSeconds(1) }).AsTask();
        var patient = batcher.PredictAsync([3, 3], new float[2], options: new RequestOptions { Deadline = TimeSpan.FromSeconds(60) }).AsTask();

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(InferenceErrors.DeadlineExceeded, (await Assert.ThrowsAsync<MlpException>(() => waits)).Code);
        Assert.False(hangs.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("2000 ms", (await Assert.ThrowsAsync<MlpException>(() => hangs)).Message, StringComparison.Ordinal);

        gate.Open();
        await patient;
        Assert.Equal([1, 1], model.Batches);
    }

    [Fact]
    public async Task Disposal_answers_what_was_accepted_refuses_what_comes_and_then_lets_go_of_the_model()
    {
        using var gate = new Gate();
        var model = new ScriptedModel { OnRun = (_, _) => gate.Pass() };
        var batcher = new DynamicBatcher(model, new BatchingOptions { Instances = 1, BatchRowsMax = 2 });
        var tasks = new List<Task> { batcher.PredictAsync([0, 0], new float[2]).AsTask() };
        gate.AwaitArrival();
        tasks.AddRange(Enumerable.Range(0, 7).Select(_ => batcher.PredictAsync([1, 1], new float[2]).AsTask()));
        var disposal = batcher.DisposeAsync().AsTask();
        Assert.False(disposal.IsCompleted);
        Assert.Equal(InferenceErrors.Closed, (await Assert.ThrowsAsync<MlpException>(() => batcher.PredictAsync([2, 2], new float[2]).AsTask())).Code);
        Assert.Equal(InferenceErrors.Closed, (await Assert.ThrowsAsync<MlpException>(() => batcher.PredictManyAsync(new float[4], new float[4]).AsTask())).Code);
        Assert.False(model.IsDisposed);
        gate.Open();
        await Task.WhenAll(tasks);
        await disposal;
        Assert.True(model.IsDisposed);
        Assert.False(model.OverlappedItsDisposal);
        await batcher.DisposeAsync();
    }

    [Fact]
    public async Task Disposal_does_not_wait_longer_than_it_may_for_a_model_that_hangs()
    {
        using var gate = new Gate();
        var time = new ManualTime();
        var model = new ScriptedModel { OnRun = (_, _) => gate.Pass() };
        var batcher = new DynamicBatcher(model, new BatchingOptions { Instances = 1, DrainTimeout = TimeSpan.FromSeconds(5) }, time: time);
        var hangs = batcher.PredictAsync([1, 1], new float[2]).AsTask();
        gate.AwaitArrival();
        var waits = batcher.PredictAsync([2, 2], new float[2]).AsTask();
        var disposal = batcher.DisposeAsync().AsTask();
        time.Advance(TimeSpan.FromSeconds(5));
        await disposal;
        Assert.Equal(InferenceErrors.Closed, (await Assert.ThrowsAsync<MlpException>(() => hangs)).Code);
        Assert.Equal(InferenceErrors.Closed, (await Assert.ThrowsAsync<MlpException>(() => waits)).Code);
        Assert.False(model.IsDisposed);
        gate.Open();
        await batcher.DisposeAsync();
        Assert.True(model.IsDisposed);
        Assert.False(model.OverlappedItsDisposal);
    }

    [Fact]
    public async Task A_failing_run_fails_the_requests_of_its_batch_and_no_other()
    {
        using var gate = new Gate();
        var model = new ScriptedModel
        {
            OnRun = (rows, memory) =>
            {
                gate.Pass();
                if (memory.InputRows(0, 0, rows).Contains(13))
                {
                    throw new InvalidOperationException("thirteen");
                }
            },
        };
        await using var batcher = new DynamicBatcher(model, new BatchingOptions { Instances = 1, BatchRowsMax = 2 });
        var before = batcher.PredictAsync([1, 1], new float[2]).AsTask();
        gate.AwaitArrival();
        var tasks = new[] { 2, 3, 13, 4, 5, 6 }.Select(x => batcher.PredictAsync([x, x], new float[2]).AsTask()).ToArray();
        gate.Open();
        await before;
        for (var i = 0; i < tasks.Length; i++)
        {
            if (i is 2 or 3)
            {
                var error = await Assert.ThrowsAsync<MlpException>(() => tasks[i]);
                Assert.Equal(InferenceErrors.ExecutionFailed, error.Code);
                Assert.IsType<InvalidOperationException>(error.InnerException);
                continue;
            }

            await tasks[i];
        }
    }

    [Theory]
    [InlineData(1, 4, 7)]
    [InlineData(2, 1024, 64)]
    [InlineData(3, 8, 8)]
    public async Task A_request_larger_than_a_batch_and_than_the_queue_is_split_and_put_together(int instances, int queueRowsMax, int batchRowsMax)
    {
        var model = new ScriptedModel { OnRun = (_, _) => { } };
        await using var batcher = new DynamicBatcher(model, new BatchingOptions { Instances = instances, QueueRowsMax = queueRowsMax, BatchRowsMax = batchRowsMax });
        var rows = Enumerable.Range(0, 2000).Select(i => (float)i).ToArray();
        var outputs = new float[2000];
        await batcher.PredictManyAsync(rows, outputs);
        Assert.Equal(rows, outputs);
        Assert.Equal(1000, model.Batches.Sum());
        Assert.All(model.Batches, b => Assert.InRange(b, 1, batchRowsMax));
    }

    [Fact]
    public async Task What_is_on_its_way_is_shared_evenly_among_the_instances()
    {
        using var gate = new Gate();
        var model = new ScriptedModel { OnRun = (_, _) => gate.Pass() };
        await using var batcher = new DynamicBatcher(model, new BatchingOptions { Instances = 2, BatchRowsMax = 64 });
        var tasks = Enumerable.Range(0, 2).Select(_ => batcher.PredictAsync([0, 0], new float[2]).AsTask()).ToList();
        gate.AwaitArrival();
        gate.AwaitArrival();
        tasks.AddRange(Enumerable.Range(0, 62).Select(_ => batcher.PredictAsync([1, 1], new float[2]).AsTask()));
        gate.Open();
        await Task.WhenAll(tasks);
        Assert.All(model.Batches, b => Assert.InRange(b, 1, 33));
    }

    [Fact]
    public async Task Wrong_lengths_are_errors_that_say_what_was_expected()
    {
        await using var batcher = new DynamicBatcher(new ScriptedModel());
        foreach (var (row, output) in new[] { (3, 2), (0, 2), (2, 1), (2, 3) })
        {
            var error = await Assert.ThrowsAsync<MlpException>(() => batcher.PredictAsync(new float[row], new float[output]).AsTask());
            Assert.Equal(ErrorCodes.TensorMismatch, error.Code);
            Assert.Contains("expected 2", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(ErrorCodes.TensorMismatch, (await Assert.ThrowsAsync<MlpException>(() => batcher.PredictManyAsync(new float[3], new float[4]).AsTask())).Code);
        Assert.Equal(ErrorCodes.TensorMismatch, (await Assert.ThrowsAsync<MlpException>(() => batcher.PredictManyAsync(default, default).AsTask())).Code);
    }

    [Fact]
    public void Options_that_cannot_be_are_refused_when_the_batcher_is_made()
    {
        foreach (var options in new BatchingOptions[] { new() { BatchRowsMax = 0 }, new() { QueueRowsMax = 0 }, new() { Instances = -1 }, new() { Deadline = TimeSpan.Zero }, new() { ContinuationMsMax = 0 }, new() { BulkRowsMax = 0 }, new() { DrainTimeout = TimeSpan.FromSeconds(-1) } })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new DynamicBatcher(new ScriptedModel(), options));
        }
    }

    [Fact]
    public void A_model_that_fails_on_its_first_run_is_an_error_at_load_and_is_let_go()
    {
        var model = new ScriptedModel { OnWarmUp = () => throw new InvalidOperationException("broken") };
        Assert.Equal(InferenceErrors.ExecutionFailed, Assert.Throws<MlpException>(() => new DynamicBatcher(model)).Code);
        Assert.True(model.IsDisposed);
    }
}
