using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Batching;

/// <summary>When a batch runs and how large it is: longest delay, preferred sizes, priorities.</summary>
public class FormationTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(10);

    [Fact]
    public async Task Without_a_delay_a_lone_request_runs_at_once()
    {
        // Time stands still: nothing but the request itself can have started its run.
        await using var batcher = new DynamicBatcher(new ScriptedModel(), time: new ManualTime());
        var output = new float[2];
        await batcher.PredictAsync([1, 2], output);
        Assert.Equal([1f, 2f], output);
    }

    [Fact]
    public async Task With_a_delay_an_idle_instance_leaves_the_batch_to_grow_until_the_oldest_rows_time_is_up()
    {
        var time = new ManualTime();
        var model = new ScriptedModel { OnRun = (_, _) => { } };
        await using var batcher = new DynamicBatcher(model, new BatchingOptions { Instances = 2, DelayMax = Delay }, time: time);
        var first = batcher.PredictAsync([1, 1], new float[2]).AsTask();
        time.Advance(TimeSpan.FromMilliseconds(6));
        var second = batcher.PredictAsync([2, 2], new float[2]).AsTask();
        time.Advance(TimeSpan.FromMilliseconds(3.9));
        Assert.Equal(2, batcher.WaitingRows);
        Assert.False(first.IsCompleted);

        // The second came 4 ms ago only: the oldest row counts.
        time.Advance(TimeSpan.FromMilliseconds(0.1));
        await Task.WhenAll(first, second);
        Assert.Equal([2], model.Batches);
    }

    [Fact]
    public async Task A_full_batch_does_not_wait_for_its_delay()
    {
        var model = new ScriptedModel { OnRun = (_, _) => { } };
        await using var batcher = new DynamicBatcher(model, new BatchingOptions { Instances = 1, BatchRowsMax = 4, DelayMax = Delay }, time: new ManualTime());
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => batcher.PredictAsync([i, i], new float[2]).AsTask()));
        Assert.Equal([4], model.Batches);
    }

    [Fact]
    public async Task A_batch_of_a_preferred_size_does_not_wait_for_its_delay_either()
    {
        using var gate = new Gate();
        var model = new ScriptedModel { OnRun = (_, _) => gate.Pass() };
        await using var batcher = new DynamicBatcher(model, new BatchingOptions { Instances = 1, BatchRowsMax = 8, PreferredBatchRows = [3], DelayMax = Delay }, time: new ManualTime());
        var tasks = Enumerable.Range(0, 3).Select(i => batcher.PredictAsync([i, i], new float[2]).AsTask()).ToArray();
        gate.Open();
        await Task.WhenAll(tasks);
        Assert.Equal([3], model.Batches);
    }

    [Fact]
    public async Task When_the_oldest_row_is_cancelled_the_time_of_the_next_one_counts()
    {
        var time = new ManualTime();
        var model = new ScriptedModel { OnRun = (_, _) => { } };
        await using var batcher = new DynamicBatcher(model, new BatchingOptions { Instances = 1, DelayMax = Delay }, time: time);
        using var cancel = new CancellationTokenSource();
        var first = batcher.PredictAsync([1, 1], new float[2], cancellationToken: cancel.Token).AsTask();
        time.Advance(TimeSpan.FromMilliseconds(5));
        var output = new float[2];
        var second = batcher.PredictAsync([2, 3], output).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        time.Advance(TimeSpan.FromMilliseconds(5));
        Assert.Equal(1, batcher.WaitingRows);
        time.Advance(TimeSpan.FromMilliseconds(5));
        await second;
        Assert.Equal([2f, 3f], output);
        Assert.Equal([1], model.Batches);
    }

    [Fact]
    public async Task Disposal_does_not_wait_for_a_delay()
    {
        var batcher = new DynamicBatcher(new ScriptedModel(), new BatchingOptions { DelayMax = Delay }, time: new ManualTime());
        var waits = batcher.PredictAsync([1, 1], new float[2]).AsTask();
        await batcher.DisposeAsync();
        await waits;
    }

    [Fact]
    public async Task A_request_that_is_split_meets_its_delay_and_is_put_together()
    {
        var time = new ManualTime();
        var model = new ScriptedModel { OnRun = (_, _) => { } };
        await using var batcher = new DynamicBatcher(model, new BatchingOptions { Instances = 1, BatchRowsMax = 4, DelayMax = Delay }, time: time);
        var rows = Enumerable.Range(0, 20).Select(i => (float)i).ToArray();
        var outputs = new float[20];
        var many = batcher.PredictManyAsync(rows, outputs).AsTask();
        while (!many.IsCompleted)
        {
            time.Advance(Delay);
        }

        await many;
        Assert.Equal(rows, outputs);
        Assert.Equal([4, 4, 2], model.Batches);
    }

    [Fact]
    public async Task Batches_are_filled_to_a_preferred_size_and_what_is_over_follows()
    {
        using var gate = new Gate();
        var model = new ScriptedModel { OnRun = (_, _) => gate.Pass() };
        await using var batcher = new DynamicBatcher(model, new BatchingOptions { Instances = 1, BatchRowsMax = 16, PreferredBatchRows = [6, 12] });
        var tasks = new List<Task> { batcher.PredictAsync([0, 0], new float[2]).AsTask() };
        gate.AwaitArrival();
        tasks.AddRange(Enumerable.Range(0, 26).Select(_ => batcher.PredictAsync([1, 1], new float[2]).AsTask()));
        gate.Open();
        await Task.WhenAll(tasks);
        Assert.Equal([1, 12, 12, 2], model.Batches);
    }

    [Fact]
    public void A_size_is_good_where_a_row_costs_no_more_than_at_any_smaller_one()
    {
        // Blocks of six: 8 and 10 pay for a block that is half empty.
        Assert.Equal([1, 2, 4, 6, 12], BestSizes.Cheapest([1, 2, 4, 6, 8, 10, 12], [5, 6, 7, 8, 14, 15, 15]));
    }

    [Fact]
    public void Sizes_are_measured_by_a_clock_and_not_where_runs_are_long_or_sizes_few()
    {
        var time = new ManualTime();
        int[] sizes = [1, 2, 4, 6, 8, 12];
        Assert.Equal([1, 2, 4, 6, 12], BestSizes.Measure(rows => Take((rows + 5) / 6 * 10), sizes, time));
        Assert.Empty(BestSizes.Measure(_ => Take(5000), sizes, time));

        // Long runs that can be measured: the smallest size that is as good as any, here from 4 rows on.
        Assert.Equal([4], BestSizes.Measure(rows => Take(1000 * (rows < 4 ? rows + 1 : rows)), sizes, time));
        Assert.Empty(BestSizes.Measure(_ => throw new InvalidOperationException("run"), [1, 64], time));

        void Take(int microseconds) => time.Advance(TimeSpan.FromMicroseconds(microseconds));
    }

    [Fact]
    public async Task Sizes_that_were_given_are_not_measured()
    {
        var model = new ScriptedModel { Sizes = [1, 2, 3, 4, 5, 6, 7, 8] };
        await using var batcher = new DynamicBatcher(model, new BatchingOptions { BatchRowsMax = 8, PreferredBatchRows = [7, 3] });
        Assert.Equal([3, 7], batcher.PreferredBatchRows);
        await using var any = new DynamicBatcher(new ScriptedModel(), new BatchingOptions { PreferredBatchRows = [] });
        Assert.Empty(any.PreferredBatchRows);
    }

    [Fact]
    public async Task Rows_of_an_earlier_level_run_first_and_fill_no_queue_but_their_own()
    {
        using var gate = new Gate();
        var order = new List<float>();
        var model = new ScriptedModel
        {
            OnRun = (rows, memory) =>
            {
                gate.Pass();
                order.Add(memory.InputRows(0, 0, 1)[0]);
            },
        };
        await using var batcher = new DynamicBatcher(model, new BatchingOptions
        {
            Instances = 1,
            BatchRowsMax = 2,
            Levels = [new PriorityLevel { QueueRowsMax = 3 }, new PriorityLevel { QueueRowsMax = 4 }],
        });
        var tasks = new List<Task> { Send(9, 0) };
        gate.AwaitArrival();
        tasks.AddRange(Enumerable.Range(0, 4).Select(_ => Send(1, 1)));
        tasks.AddRange(Enumerable.Range(0, 3).Select(_ => Send(0, 0)));
        foreach (var level in new[] { 0, 1 })
        {
            Assert.Equal(InferenceErrors.Overloaded, (await Assert.ThrowsAsync<MlpException>(() => Send(7, level))).Code);
        }

        gate.Open();
        await Task.WhenAll(tasks);
        Assert.Equal([9, 0, 0, 1, 1], order);
        Assert.Equal([1, 2, 1, 2, 2], model.Batches);

        Task Send(float value, int level) => batcher.PredictAsync([value, value], new float[2], options: new RequestOptions { Priority = level }).AsTask();
    }

    [Fact]
    public async Task A_level_has_a_deadline_of_its_own()
    {
        using var gate = new Gate();
        var time = new ManualTime();
        await using var batcher = new DynamicBatcher(
            new ScriptedModel { OnRun = (_, _) => gate.Pass() },
            new BatchingOptions { Instances = 1, Levels = [new PriorityLevel(), new PriorityLevel { Deadline = TimeSpan.FromSeconds(1) }] },
            time: time);
        var running = batcher.PredictAsync([0, 0], new float[2]).AsTask();
        gate.AwaitArrival();
        var patient = batcher.PredictAsync([1, 1], new float[2]).AsTask();
        var late = batcher.PredictAsync([2, 2], new float[2], options: new RequestOptions { Priority = 1 }).AsTask();
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(InferenceErrors.DeadlineExceeded, (await Assert.ThrowsAsync<MlpException>(() => late)).Code);
        gate.Open();
        await Task.WhenAll(running, patient);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public async Task A_level_that_there_is_not_is_refused_with_how_many_there_are(int level)
    {
        await using var batcher = new DynamicBatcher(new ScriptedModel(), new BatchingOptions { Levels = [new PriorityLevel(), new PriorityLevel()] });
        var options = new RequestOptions { Priority = level };
        Assert.Contains("2 levels", Assert.Throws<ArgumentOutOfRangeException>(() => { _ = batcher.PredictAsync([1, 1], new float[2], options: options); }).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => batcher.PredictManyAsync(new float[4], new float[4], options: options).AsTask());
        Assert.Equal(0, batcher.WaitingRows);
    }

    [Fact]
    public void Bounds_that_cannot_be_are_refused_when_the_batcher_is_made()
    {
        foreach (var options in new BatchingOptions[]
        {
            new() { DelayMax = TimeSpan.FromTicks(-1) }, new() { DelayMax = TimeSpan.FromHours(1) }, new() { PreferredBatchRows = [0] }, new() { PreferredBatchRows = [65] },
            new() { Levels = [new PriorityLevel { QueueRowsMax = 0 }] }, new() { Levels = [new PriorityLevel { Deadline = TimeSpan.Zero }] },
            new() { Levels = [.. Enumerable.Repeat(new PriorityLevel(), PriorityLevel.CountMax + 1)] },
        })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new DynamicBatcher(new ScriptedModel(), options));
        }
    }
}
