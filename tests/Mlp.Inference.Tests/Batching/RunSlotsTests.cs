using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Batching;

public class RunSlotsTests
{
    [Fact]
    public void Models_that_always_have_work_share_the_time_by_their_weights()
    {
        // Three models of unlike runs, on two slots: a discrete simulation, the end of the shortest run first.
        var slots = new RunSlots(2);
        var models = new[] { new Model(slots, 1, 0.030), new Model(slots, 1, 0.002), new Model(slots, 2, 0.010) };
        foreach (var model in models)
        {
            model.Start(2);
        }

        for (var now = 0.0; now < 100;)
        {
            var (next, run) = models.SelectMany(m => m.EndsAt.Select(end => (m, end))).MinBy(r => r.end);
            now = run;
            next.EndsAt.Remove(run);
            next.Finish(now);
        }

        // Two slots for 100 s; the third has half of the weight, and may use a slot at most all the time.
        var total = models.Sum(m => m.Ran);
        Assert.InRange(total, 199, 201);
        Assert.InRange(models[0].Ran / total, 0.24, 0.26);
        Assert.InRange(models[1].Ran / total, 0.24, 0.26);
        Assert.InRange(models[2].Ran / total, 0.49, 0.51);
    }

    [Fact]
    public void Who_comes_back_from_idling_cannot_claim_the_past()
    {
        var slots = new RunSlots(1);
        var (busy, idle) = (new RunShare(1), new RunShare(1));
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(slots.TryEnter(busy));
            slots.Exit(busy, 1);
        }

        Assert.True(slots.TryEnter(busy));
        var told = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            Assert.False(slots.EnterOrWait(idle, new Waiter(() => told.Add("idle"))));
            Assert.False(slots.EnterOrWait(busy, new Waiter(() => told.Add("busy"))));
        }

        var running = busy;
        for (var i = 0; i < 6; i++)
        {
            slots.Exit(running, 1);
            running = told[^1] == "idle" ? idle : busy;
        }

        Assert.Equal(["busy", "idle"], told.Take(4).Distinct().Order());
        Assert.InRange(told.Take(4).Count(t => t == "idle"), 2, 3);
    }

    [Fact]
    public void Nobody_overtakes_those_who_wait()
    {
        var slots = new RunSlots(1);
        var (a, b) = (new RunShare(1), new RunShare(1));
        Assert.True(slots.TryEnter(a));
        var isThere = false;
        Assert.False(slots.EnterOrWait(b, new Waiter(() => isThere = true)));
        slots.Exit(a, 1);
        Assert.True(isThere);
        Assert.False(slots.TryEnter(a));
        slots.Exit(b, 1);
        Assert.True(slots.TryEnter(a));
    }

    [Fact]
    public async Task No_more_batches_run_than_there_are_slots_and_every_model_answers()
    {
        var slots = new RunSlots(2);
        var (running, most) = (0, 0);
        var batchers = Enumerable.Range(0, 5).Select(_ => new DynamicBatcher(
            new ScriptedModel
            {
                OnRun = (_, _) =>
                {
                    var now = Interlocked.Increment(ref running);
                    InterlockedMax(ref most, now);
                    Thread.Yield();
                    Interlocked.Decrement(ref running);
                },
            },
            new BatchingOptions { Instances = 3, BatchRowsMax = 4, Slots = slots })).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(caller => Task.Run(async () =>
        {
            var batcher = batchers[caller % batchers.Length];
            var output = new float[2];
            for (var i = 0; i < 200; i++)
            {
                if (caller < 10 && i % 4 == 0)
                {
                    Assert.True(batcher.TryPredict([caller, i], output, 0));
                }
                else
                {
                    await batcher.PredictAsync([caller, i], output);
                }

                Assert.Equal(new float[] { caller, i }, output);
            }
        })));
        Assert.InRange(most, 1, 2);
        foreach (var batcher in batchers)
        {
            await batcher.DisposeAsync();
        }

        // All slots came back.
        Assert.True(slots.TryEnter(new RunShare(1)) && slots.TryEnter(new RunShare(1)));
    }

    [Fact]
    public async Task A_slot_comes_back_from_a_run_that_failed()
    {
        var slots = new RunSlots(1);
        await using var batcher = new DynamicBatcher(new ScriptedModel { OnRun = (_, _) => throw new InvalidOperationException("broken") }, new BatchingOptions { Slots = slots });
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<Mlp.Core.MlpException>(() => batcher.PredictAsync([1, 1], new float[2]).AsTask());
            Assert.Throws<Mlp.Core.MlpException>(() => batcher.TryPredict([1, 1], new float[2], 0));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_weight_that_cannot_be_is_refused(double weight) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchingOptions { Weight = weight }.Validate());

    [Fact]
    public void There_is_at_least_one_slot() => Assert.Throws<ArgumentOutOfRangeException>(() => new RunSlots(0));

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); seen < value; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }

    private sealed class Waiter(Action told) : ISlotWaiter
    {
        public void SlotIsThere() => told();
    }

    /// <summary>A model with work all the time.</summary>
    private sealed class Model(RunSlots slots, double weight, double seconds)
    {
        private readonly RunShare _share = new(weight);
        private double _now;

        public List<double> EndsAt { get; } = [];

        public double Ran { get; private set; }

        public static double Now { get; private set; }

        public void Start(int instances)
        {
            for (var i = 0; i < instances; i++)
            {
                Enter();
            }
        }

        public void Finish(double now)
        {
            (_now, Now) = (now, now);
            Ran += seconds;

            // The next batch waits already, as it does where all instances are busy.
            if (!slots.EnterOrWait(_share, new Waiter(Begin)))
            {
                slots.Exit(_share, seconds);
                return;
            }

            slots.Exit(_share, seconds);
            Begin();
        }

        private void Enter()
        {
            if (slots.EnterOrWait(_share, new Waiter(Begin)))
            {
                Begin();
            }
        }

        private void Begin() => EndsAt.Add(Math.Max(_now, Now) + seconds);
    }
}
