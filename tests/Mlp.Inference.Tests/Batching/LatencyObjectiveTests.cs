using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Batching;

public class LatencyObjectiveTests
{
    private const long Objective = 1000;

    [Fact]
    public void The_queues_bound_comes_to_rest_where_one_batch_in_a_hundred_is_too_slow()
    {
        // A queue that is always as full as it may be, a row every 8 ticks, with noise of a tenth.
        var random = new Random(1);
        var control = new LatencyControl(Objective, batchRowsMax: 8, queueRowsMax: 1000);
        var slow = 0;
        for (var i = 0; i < 60_000; i++)
        {
            control.Saw(control.WaitingRowsMax);
            var latency = (long)(control.WaitingRowsMax * 8 * (1 + (0.2 * (random.NextDouble() - 0.5))));
            slow += i >= 10_000 && latency > Objective ? 1 : 0;
            control.Observe(latency, 10, 8);
        }

        Assert.InRange(slow / 50_000.0, 0.005, 0.015);
        Assert.InRange(control.WaitingRowsMax, 100, 125);
        Assert.Equal(8, control.BatchRowsMax);
    }

    [Fact]
    public void Batches_become_small_enough_that_two_of_them_fit_into_the_objective()
    {
        var control = new LatencyControl(Objective, batchRowsMax: 64, queueRowsMax: 1000);
        for (var i = 0; i < 5000; i++)
        {
            control.Observe(control.BatchRowsMax * 50, control.BatchRowsMax * 50, control.BatchRowsMax);
        }

        Assert.InRange(control.BatchRowsMax, 8, 11);
        for (var i = 0; i < 100_000; i++)
        {
            control.Observe(10, 10, control.BatchRowsMax);
        }

        Assert.Equal(64, control.BatchRowsMax);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(2, 16)]
    public void Batches_of_preferred_sizes_become_smaller_where_they_are_too_slow(params int[] preferred)
    {
        var options = new BatchingOptions { BatchRowsMax = 64, Instances = 1, LatencyObjective = TimeSpan.FromTicks(Objective), PreferredBatchRows = preferred };
        var rules = new BatchRules(options, new ManualTime());
        for (var i = 0; i < 1000; i++)
        {
            rules.Latency!.Observe(5000, 4000, rules.Share(64));
        }

        Assert.Equal(1, rules.Share(64));
        for (var i = 0; i < 100_000; i++)
        {
            rules.Latency!.Observe(10, 10, rules.Share(64));
        }

        Assert.Equal(preferred[^1], rules.Share(64));
    }

    [Fact]
    public void A_bound_that_nobody_comes_near_does_not_move_and_none_falls_below_one()
    {
        var control = new LatencyControl(Objective, batchRowsMax: 16, queueRowsMax: 1000);
        for (var i = 0; i < 1000; i++)
        {
            control.Saw(1);
            control.Observe(10, 10, 1);
        }

        Assert.Equal(16, control.WaitingRowsMax);
        for (var i = 0; i < 1000; i++)
        {
            control.Observe(Objective + 1, Objective, 1 << 10);
        }

        Assert.Equal((1, 1), (control.WaitingRowsMax, control.BatchRowsMax));
    }

    [Fact]
    public async Task Under_overload_the_accepted_keep_the_objective_and_the_rest_is_refused_at_once()
    {
        // A model that takes a millisecond a row, four rows offered in the time of one; each run moves the clock.
        var time = new ManualTime();
        var random = new Random(2);
        DynamicBatcher batcher = null!;
        var (accepted, refused) = (new List<Task<TimeSpan>>(), 0);
        var rowsRun = 0;
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var model = new ScriptedModel
        {
            OnRun = (rows, _) =>
            {
                lock (accepted)
                {
                    for (var i = 0; i < rows; i++)
                    {
                        if (++rowsRun < 2000)
                        {
                            Offer(4);
                        }
                        else
                        {
                            enough.TrySetResult();
                        }

                        time.Advance(TimeSpan.FromMilliseconds(1));
                    }
                }
            },
        };
        batcher = new DynamicBatcher(
            model,
            new BatchingOptions { Instances = 1, BatchRowsMax = 8, QueueRowsMax = 1000, LatencyObjective = TimeSpan.FromMilliseconds(50), ContinuationMsMax = 100_000 },
            time: time);
        await using (batcher)
        {
            lock (accepted)
            {
                Offer(1);
            }

            await enough.Task;
        }

        var latencies = (await Task.WhenAll(accepted)).Skip(200).Order().ToArray();
        Assert.True(refused > 2 * accepted.Count, $"{accepted.Count} accepted, {refused} refused");
        Assert.InRange(latencies[(int)(latencies.Length * 0.9)].TotalMilliseconds, 20, 55);
        Assert.InRange(latencies[^1].TotalMilliseconds, 20, 100);

        void Offer(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var request = batcher.PredictAsync([1, 1], new float[2]);
                if (request.IsFaulted)
                {
                    Assert.Equal(InferenceErrors.Overloaded, Assert.IsType<MlpException>(request.AsTask().Exception!.InnerException).Code);
                    refused++;
                }
                else
                {
                    accepted.Add(TimedAsync(request, time.GetTimestamp()));
                }
            }
        }

        async Task<TimeSpan> TimedAsync(ValueTask request, long since)
        {
            await request.ConfigureAwait(false);
            return time.GetElapsedTime(since);
        }
    }

    [Fact]
    public void An_objective_that_cannot_be_is_refused_when_the_batcher_is_made()
    {
        foreach (var options in new BatchingOptions[] { new() { LatencyObjective = TimeSpan.Zero }, new() { LatencyObjective = TimeSpan.FromDays(1) }, new() { LatencyObjective = TimeSpan.FromMilliseconds(5), DelayMax = TimeSpan.FromMilliseconds(5) } })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new DynamicBatcher(new ScriptedModel(), options));
        }
    }
}
