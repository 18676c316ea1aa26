using System.Diagnostics;
using System.Globalization;
using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Batching;

/// <summary>
/// Everything at once, by a seeded schedule: several models on shared slots, versions swapped, requests of all kinds, cancelled, late
/// and refused, rows on which a model hangs beside others' rows. Each row carries who sent it. MLP_SOAK_ROUNDS=5000 makes minutes of it and looks for leaks,
/// MLP_SOAK_MINUTES=10 ends that after ten of them, MLP_SOAK_SEED makes another schedule.
/// </summary>
[Collection(nameof(Alone))]
public sealed class SoakTests
{
    private const int Workers = 24;
    private const int RequestsARound = 150;
    private const int RoundsForLeaks = 30;
    private const int HangsOneOf = 60;
    private static readonly int Rounds = Number("MLP_SOAK_ROUNDS", 3);
    private static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(Number("MLP_SOAK_MINUTES", 24 * 60));
    private static readonly int Seed = Number("MLP_SOAK_SEED", 20261);

    [Fact]
    public async Task No_answer_is_lost_doubled_or_crossed_under_swaps_cancellations_and_deadlines()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var kinds = SoakModel.All();
        var models = new HostedModel[kinds.Length];
        for (var i = 0; i < models.Length; i++)
        {
            models[i] = await kinds[i].LoadAsync(host, folder, $"model{i}", version: 1);
        }

        var mix = new Mix(kinds, models);
        var replaced = new List<ModelVersion>();
        var tally = new Tally();
        Footprint? early = null;
        var began = Stopwatch.GetTimestamp();
        var rounds = 0;
        for (var round = 0; round < Rounds && Stopwatch.GetElapsedTime(began) < TimeMax; round++)
        {
            rounds++;
            var first = round * RequestsARound;
            var version = round + 2;
            var workers = Enumerable.Range(0, Workers).Select(w => Task.Run(() => WorkAsync(mix, w, first, tally))).ToArray();
            for (var i = 0; i < models.Length; i++)
            {
                replaced.Add(models[i].Version);
                await kinds[i].LoadAsync(host, folder, $"model{i}", version);
            }

            await Task.WhenAll(workers);
            Assert.All(models, m => Assert.Equal(0, m.Version.Batcher.WaitingRows));

            // Every old version was let go.
            await Task.WhenAll(replaced.Select(v => v.Unloaded));
            replaced.Clear();
            if (Rounds >= RoundsForLeaks && (round == Rounds / 3 || Stopwatch.GetElapsedTime(began) > TimeMax / 3))
            {
                early ??= Footprint.Now();
            }
        }

        var grown = early?.CheckGrowth();

        // Exactly one ending for each request; no callback came twice, also not later.
        Assert.Equal(rounds * RequestsARound * Workers, tally.Sent);
        Assert.Equal(tally.Sent, tally.Answered + tally.Canceled + tally.Late + tally.Refused);
        Assert.All(tally.Callbacks.Take(tally.CallbackCount), calls => Assert.Equal(1, calls));
        Assert.True(tally.Answered > 0 && tally.Canceled > 0 && tally.Late > 0 && tally.Hung > 0, tally.ToString());
        Console.WriteLine($"Soak: {rounds} rounds in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s, {tally}{(grown is null ? "" : $"; {grown}")}");
    }

    private static async Task WorkAsync(Mix mix, int worker, int first, Tally tally)
    {
        for (var i = first; i < first + RequestsARound; i++)
        {
            var random = new Random(HashCode.Combine(worker, i) ^ Seed);
            var which = random.Next(mix.Models.Length);
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
                Priority = random.Next(Math.Max(1, mix.Kinds[which].Batching.Levels.Count)),
                RunsHere = random.Next(2) == 0,
            };
            if (random.Next(20) == 0)
            {
                await cancel.CancelAsync();
            }

            try
            {
                var request = SendAsync(mix, which, random, worker, i, options, tally, cancel.Token);
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

    private static async Task SendAsync(Mix mix, int which, Random random, int worker, int request, RequestOptions options, Tally tally, CancellationToken token)
    {
        var model = mix.Models[which];
        var hangs = mix.Kinds[which].CanHang && random.Next(HangsOneOf) == 0;
        if (hangs)
        {
            Interlocked.Increment(ref tally.Hung);
        }

        var isOfRows = mix.Kinds[which].Buckets is null;
        var kind = isOfRows && random.Next(8) != 0 ? random.Next(7) : -1;
        var count = kind is 2 or 4 ? random.Next(1, 70) : kind < 0 ? random.Next(1, 4) : 1;
        var columns = isOfRows ? 2 : random.Next(1, 12);
        var rows = new float[count * columns];
        for (var i = 0; i < rows.Length; i++)
        {
            var isTurns = mix.Kinds[which].CanHang && i % columns == 1;
            rows[i] = isTurns ? 0 : i % columns == 0 ? (worker * 1000) + (i / columns) : (request * 10) + (i % columns);
        }

        if (hangs)
        {
            rows[(2 * random.Next(count)) + 1] = SoakModel.Hangs;
        }

        if (kind < 0)
        {
            await RunAsync(model, rows, columns, options, token);
        }
        else
        {
            await SendRowsAsync(model, kind, rows, options, tally, token);
        }

        Assert.False(hangs, "A run without an end has ended.");
    }

    private static async Task SendRowsAsync(HostedModel model, int kind, float[] rows, RequestOptions options, Tally tally, CancellationToken token)
    {
        var count = rows.Length / 2;
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
            case 4 or 5:
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

        CheckAnswer(rows, outputs, outputs[0] - rows[0]);
    }

    // Values of any shape: in batches by length, alone beyond the largest, or as rows.
    private static async Task RunAsync(HostedModel model, float[] rows, int columns, RequestOptions options, CancellationToken token)
    {
        var answer = await model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>(rows, rows.Length / columns, columns) }, options, token);
        CheckAnswer(rows, answer.Tensor("y").Elements<float>(), float.Parse(answer.Version, CultureInfo.InvariantCulture));
    }

    // One version's constant in all rows, and nobody else's numbers.
    private static void CheckAnswer(float[] rows, ReadOnlySpan<float> outputs, float version)
    {
        Assert.InRange(version, 1, Rounds + 1);
        Assert.Equal(rows.Length, outputs.Length);
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

        public string CheckGrowth()
        {
            var now = Now();
            var grown = $"{this} after a third of it, {now} after all";
            Assert.True(
                now.ManagedBytes - ManagedBytes < ManagedGrowthMax && now.ResidentBytes - ResidentBytes < ResidentGrowthMax && now.Handles - Handles < HandleGrowthMax,
                grown);
            return grown;
        }
    }

    private sealed record Mix(SoakModel[] Kinds, HostedModel[] Models);

    private sealed class Tally
    {
        public readonly int[] Callbacks = new int[Rounds * RequestsARound * Workers];
        public int Sent;
        public int Hung;
        public int Answered;
        public int Canceled;
        public int Late;
        public int Refused;
        private int _callbackCount;

        public int CallbackCount => _callbackCount;

        public override string ToString() => $"{Sent} requests: {Answered} answered, {Canceled} cancelled, {Late} late, {Refused} refused; {Hung} would never have ended by themselves; {CallbackCount} callbacks counted";

        public int NewCallback() => Interlocked.Increment(ref _callbackCount) - 1;
    }
}
