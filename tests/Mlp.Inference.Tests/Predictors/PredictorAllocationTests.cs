using Mlp.Inference.Tests.Batching;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Predictors;

[Collection(nameof(Alone))]
public class PredictorAllocationTests
{
    [Fact]
    public async Task A_typed_prediction_allocates_nothing_in_the_steady_state()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Trees(1, 3, 5, 3)), new HostedModelOptions { Runtime = RuntimeChoice.Edge });
        var predictor = new Predictor<ThreeColumns, LateAnswer>(model);
        await Loop(4000);
        var best = long.MaxValue;
        for (var attempt = 0; attempt < 5; attempt++)
        {
            // The whole process is counted, the pool and the compiler too: the best of several counts.
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await Loop(20_000);
            best = Math.Min(best, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.True(best < 20_000, $"{best} bytes for 160000 predictions");

        Task Loop(int count) => Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            using var cancel = new CancellationTokenSource();
            for (var i = 0; i < count; i++)
            {
                await predictor.PredictAsync(new ThreeColumns(i, i + 1, i + 2), default, cancel.Token).ConfigureAwait(false);
            }
        })));
    }

    [Fact]
    public async Task A_synchronous_typed_prediction_allocates_nothing_either()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Trees(1, 3, 5, 3)), new HostedModelOptions { Runtime = RuntimeChoice.Edge });
        var predictor = new Predictor<ThreeColumns, LateAnswer>(model);
        var before = 0L;
        for (var i = 0; i < 2000; i++)
        {
            before = i == 1000 ? GC.GetAllocatedBytesForCurrentThread() : before;
            predictor.Predict(new ThreeColumns(i, i + 1, i + 2));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
