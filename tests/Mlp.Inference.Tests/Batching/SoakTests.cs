using System.Globalization;
using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Batching;

/// <summary>
/// Everything at once, by a seeded schedule: several models on shared slots, versions swapped, requests of all kinds, cancelled, late
/// and refused. Each row carries who sent it. MLP_SOAK_ROUNDS=200 makes minutes of it, MLP_SOAK_SEED another schedule.
/// </summary>
[Collection(nameof(Alone))]
public sealed class SoakTests
{
    private const int Workers = 24;
    private const int RequestsARound = 150;
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
        ];
        var models = new HostedModel[batching.Length];
        for (var i = 0; i < models.Length; i++)
        {
            models[i] = await LoadAsync(host, folder, i, version: 1, batching[i]);
        }

        var replaced = new List<ModelVersion>();
        var tally = new Tally();
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
        }

        // Exactly one ending for each request; every old version was let go; no callback came twice, also not later.
        await Task.WhenAll(replaced.Select(v => v.Unloaded));
        Assert.Equal(Rounds * RequestsARound * Workers, tally.Sent);
        Assert.Equal(tally.Sent, tally.Answered + tally.Canceled + tally.Late + tally.Refused);
        Assert.All(tally.Callbacks.Take(tally.CallbackCount), calls => Assert.Equal(1, calls));
        Assert.True(tally.Answered > 0 && tally.Canceled > 0 && tally.Late > 0, $"{tally.Answered} answered, {tally.Canceled} cancelled, {tally.Late} late, {tally.Refused} refused");
    }

    private static Task<HostedModel> LoadAsync(ModelHost host, TemporaryFolder folder, int model, int version, BatchingOptions batching) => host.LoadAsync(
        TestModels.Package(folder, TestModels.Adds(2, version), $"model{model}"),
        new HostedModelOptions { Runtime = model == 1 ? RuntimeChoice.OnnxRuntime : RuntimeChoice.Edge, Batching = batching, Version = version.ToString(CultureInfo.InvariantCulture) });

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
                var request = SendAsync(model, random, worker, i, options, tally, cancel.Token);
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

    private static async Task SendAsync(HostedModel model, Random random, int worker, int request, RequestOptions options, Tally tally, CancellationToken token)
    {
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
