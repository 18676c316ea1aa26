using System.Globalization;
using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Batching;

/// <summary>
/// Everything at once, by a seeded schedule: several models on shared slots, versions swapped, requests of all kinds, cancelled, late
/// and refused. Each row carries who sent it. MLP_SOAK_ROUNDS=200 makes minutes of it and looks for leaks, MLP_SOAK_SEED another schedule.
/// </summary>
[Collection(nameof(Alone))]
public sealed class SoakTests
{
    private const int Workers = 24;
    private const int RequestsARound = 150;
    private const int RoundsForLeaks = 30;
    private const int OfValues = 3;
    private static readonly int Rounds = Number("MLP_SOAK_ROUNDS", 3);
    private static readonly int Seed = Number("MLP_SOAK_SEED", 20261);

    [Fact]
    public async Task No_answer_is_lost_doubled_or_crossed_under_swaps_cancellations_and_deadlines()
    {
        using var folder = new TemporaryFolder();
        var slots = new RunSlots(2);
        await using var host = new ModelHost();
        BatchingOptions[] batching =
        [
            new() { BatchRowsMax = 8, QueueRowsMax = 64, Instances = 2, Slots = slots },
            new() { BatchRowsMax = 32, Instances = 3, Slots = slots, Weight = 2, PreferredBatchRows = [4, 12], Levels = [new PriorityLevel { QueueRowsMax = 40 }, new PriorityLevel { QueueRowsMax = 90 }] },
            new() { BatchRowsMax = 16, QueueRowsMax = 200, Instances = 1, DelayMax = TimeSpan.FromMilliseconds(1), LatencyObjective = TimeSpan.FromMilliseconds(200) },
            new() { BatchRowsMax = 8, QueueRowsMax = 64, Instances = 2, Slots = slots },
        ];
        var models = new HostedModel[batching.Length];
        for (var i = 0; i < models.Length; i++)
        {
            models[i] = await LoadAsync(host, folder, i, version: 1, batching[i]);
        }

        var replaced = new List<ModelVersion>();
        var tally = new Tally();
        Footprint? early = null;
        for (var round = 0; round < Rounds; round++)
        {
            var first = round * RequestsARound;
            var version = round + 2;
            var workers = Enumerable.Range(0, Workers).Select(w => Task.Run(() => WorkAsync(models, w, first, tally))).ToArray();
            for (var i = 0; i < models.Length; i++)
            {
                replaced.Add(models[i].Version);
                await LoadAsync(host, folder, i, version, batching[i]);
            }

            await Task.WhenAll(workers);
            Assert.All(models, m => Assert.Equal(0, m.Version.Batcher.WaitingRows));

            // Every old version was let go.
            await Task.WhenAll(replaced.Select(v => v.Unloaded));
            replaced.Clear();
            if (Rounds >= RoundsForLeaks && round == Rounds / 3)
            {
                early = Footprint.Now();
            }
        }

        early?.CheckGrowth();

        // Exactly one ending for each request; no callback came twice, also not later.
        Assert.Equal(Rounds * RequestsARound * Workers, tally.Sent);
        Assert.Equal(tally.Sent, tally.Answered + tally.Canceled + tally.Late + tally.Refused);
        Assert.All(tally.Callbacks.Take(tally.CallbackCount), calls => Assert.Equal(1, calls));
        Assert.True(tally.Answered > 0 && tally.Canceled > 0 && tally.Late > 0, $"{tally.Answered} answered, {tally.Canceled} cancelled, {tally.Late} late, {tally.Refused} refused");
    }

    private static async Task<HostedModel> LoadAsync(ModelHost host, TemporaryFolder folder, int model, int version, BatchingOptions batching)
    {
        var package = TestModels.Package(folder, model == OfValues ? AddsToAnyLength(version) : TestModels.Adds(2, version), $"model{model}");
        var loaded = await host.LoadAsync(package, new HostedModelOptions
        {
            Runtime = model is 1 or OfValues ? RuntimeChoice.OnnxRuntime : RuntimeChoice.Edge,
            Batching = batching,
            Version = version.ToString(CultureInfo.InvariantCulture),
            Buckets = model == OfValues ? new LengthBuckets { Lengths = [2, 8] } : null,
        });
        Directory.Delete(package.Folder, recursive: true);
        return loaded;
    }

    private static OnnxModel AddsToAnyLength(float constant)
    {
        TensorSpec Spec(string name) => new(name, ElementType.Float32, TensorDimension.Free("n"), TensorDimension.Free("length"));
        return TestModels.Of([Spec("x")], [Spec("y")], [new OnnxNode { OpType = "Add", Inputs = ["x", "c"], Outputs = ["y"] }], new() { ["c"] = OnnxTensor.Of([constant], 1) });
    }

    private static async Task WorkAsync(HostedModel[] models, int worker, int first, Tally tally)
    {
        for (var i = first; i < first + RequestsARound; i++)
        {
            var random = new Random(HashCode.Combine(worker, i) ^ Seed);
            var model = models[random.Next(models.Length)];
            Interlocked.Increment(ref tally.Sent);
            using var cancel = new CancellationTokenSource();
            var options = new RequestOptions
            {
                Deadline = random.Next(16) switch
                {
                    0 => TimeSpan.Zero,
                    1 => TimeSpan.FromTicks(random.Next(50_000)),
                    _ => null,
                },
                Priority = model == models[1] ? random.Next(2) : 0,
            };
            if (random.Next(20) == 0)
            {
                await cancel.CancelAsync();
            }

            try
            {
                var request = SendAsync(models, model, random, worker, i, options, tally, cancel.Token);
                if (random.Next(5) == 0)
                {
                    for (var turns = random.Next(4); turns > 0; turns--)
                    {
                        await Task.Yield();
                    }

                    await cancel.CancelAsync();
                }

                await request;
                Interlocked.Increment(ref tally.Answered);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref tally.Canceled);
            }
            catch (MlpException e) when (e.Code == InferenceErrors.DeadlineExceeded)
            {
                Interlocked.Increment(ref tally.Late);
            }
            catch (MlpException e) when (e.Code == InferenceErrors.Overloaded)
            {
                Interlocked.Increment(ref tally.Refused);
            }
        }
    }

    private static async Task SendAsync(HostedModel[] models, HostedModel model, Random random, int worker, int request, RequestOptions options, Tally tally, CancellationToken token)
    {
        if (model == models[OfValues] || random.Next(8) == 0)
        {
            await RunAsync(model, random, worker, request, options, token);
            return;
        }

        var kind = random.Next(6);
        var count = kind is 2 or 4 ? random.Next(1, 70) : 1;
        var rows = new float[2 * count];
        for (var r = 0; r < count; r++)
        {
            (rows[2 * r], rows[(2 * r) + 1]) = ((worker * 1000) + r, request * 10);
        }

        var outputs = new float[2 * count];
        switch (kind)
        {
            case 0:
                await model.PredictAsync(rows, outputs, options, token);
                break;
            case 1:
                outputs[0] = await model.PredictValueAsync(rows, 0, options, token);
                outputs[1] = rows[1] + outputs[0] - rows[0];
                break;
            case 2:
                await model.PredictManyAsync(rows, outputs, options, token);
                break;
            case 3:
                await model.PredictAsync(rows, static (slot, values) => values.CopyTo(slot.Input()), outputs, options, token);
                break;
            case 4:
                using (var tensors = new TensorRows(model.Layout, count))
                {
                    rows.CopyTo(tensors.Input(0));
                    await model.InferAsync(tensors, options, token);
                    tensors.Output<float>(0).CopyTo(outputs);
                    Assert.Equal(tensors.Version, (outputs[0] - rows[0]).ToString(CultureInfo.InvariantCulture));
                }

                break;
            default:
                await CallbackAsync(model.PredictAsync(rows, outputs, options, token), tally);
                break;
        }

        // One version's constant in all rows, and nobody else's numbers.
        var version = outputs[0] - rows[0];
        Assert.InRange(version, 1, Rounds + 1);
        for (var i = 0; i < rows.Length; i++)
        {
            Assert.Equal(rows[i] + version, outputs[i]);
        }
    }

    // Values of any shape: in batches by length, alone beyond the largest, or as rows.
    private static async Task RunAsync(HostedModel model, Random random, int worker, int request, RequestOptions options, CancellationToken token)
    {
        var (rows, length) = (random.Next(1, 4), model.Layout.IsBatched ? 2 : random.Next(1, 12));
        var values = Enumerable.Range(0, rows * length).Select(i => (float)((worker * 1000) + (request * 10) + i)).ToArray();
        var answer = await model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>(values, rows, length) }, options, token);
        var version = float.Parse(answer.Version, CultureInfo.InvariantCulture);
        Assert.InRange(version, 1, Rounds + 1);
        Assert.Equal(values.Select(x => x + version), answer.Tensor("y").Elements<float>().ToArray());
    }

    // Counts the calls of the callback itself, which an await would not show.
    private static async Task CallbackAsync(ValueTask request, Tally tally)
    {
        var awaiter = request.ConfigureAwait(false).GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            var calls = tally.NewCallback();
            var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            awaiter.UnsafeOnCompleted(() =>
            {
                Interlocked.Increment(ref tally.Callbacks[calls]);
                called.TrySetResult();
            });
            await called.Task;
        }

        awaiter.GetResult();
    }

    private static int Number(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    /// <summary>What the process holds.</summary>
    private sealed record Footprint(long ManagedBytes, long ResidentBytes, int Handles)
    {
        private const long ManagedGrowthMax = 4 << 20;
        private const long ResidentGrowthMax = 64 << 20;
        private const int HandleGrowthMax = 16;

        public static Footprint Now()
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            return new Footprint(GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet, OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Length : 0);
        }

        public void CheckGrowth()
        {
            var now = Now();
            Assert.True(
                now.ManagedBytes - ManagedBytes < ManagedGrowthMax && now.ResidentBytes - ResidentBytes < ResidentGrowthMax && now.Handles - Handles < HandleGrowthMax,
                $"{this} after a third of the rounds, {now} after all");
        }
    }

    private sealed class Tally
    {
        public readonly int[] Callbacks = new int[Rounds * RequestsARound * Workers];
        public int Sent;
        public int Answered;
        public int Canceled;
        public int Late;
        public int Refused;
        private int _callbackCount;

        public int CallbackCount => _callbackCount;

        public int NewCallback() => Interlocked.Increment(ref _callbackCount) - 1;
    }
}
