using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Batching;

/// <summary>Counts what the whole process allocates, so no other test may run beside these.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public static class Alone;

[Collection(nameof(Alone))]
public class AllocationTests
{
    [Fact]
    public async Task A_prediction_allocates_nothing_in_the_steady_state()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        foreach (var runtime in new[] { RuntimeChoice.Edge, RuntimeChoice.OnnxRuntime })
        {
            var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Net(1, 8, 4, 1), runtime.Name.Replace(' ', '-')), new HostedModelOptions { Runtime = runtime });
            await Loop(model, 4000);
            var best = long.MaxValue;
            for (var attempt = 0; attempt < 5; attempt++)
            {
                // The whole process is counted, the pool and the compiler too: the best of several counts.
                var before = GC.GetTotalAllocatedBytes(precise: true);
                await Loop(model, 20_000);
                best = Math.Min(best, GC.GetTotalAllocatedBytes(precise: true) - before);
            }

            Assert.True(best < 20_000, $"{best} bytes for 160000 predictions with {runtime.Name}");
        }

        static Task Loop(HostedModel model, int count) => Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            using var cancel = new CancellationTokenSource();
            var row = new float[8];
            var output = new float[1];
            for (var i = 0; i < count; i++)
            {
                await model.PredictAsync(row, output, cancel.Token).ConfigureAwait(false);
            }
        })));
    }

    [Fact]
    public async Task A_synchronous_prediction_allocates_nothing_either()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Net(1, 8, 4, 1)), new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntime });
        var row = new float[8];
        var output = new float[1];
        for (var i = 0; i < 1000; i++)
        {
            model.Predict(row, output);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            model.Predict(row, output);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
