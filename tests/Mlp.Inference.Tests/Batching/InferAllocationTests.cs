using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Batching;

[Collection(nameof(Alone))]
public class InferAllocationTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_row_with_all_outputs_allocates_nothing_in_the_steady_state(bool runsHere)
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Net(1, 8, 4, 1)), new HostedModelOptions { Runtime = RuntimeChoice.Edge });
        var options = new RequestOptions { RunsHere = runsHere };
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
            using var rows = new TensorRows(model.Layout, 1);
            for (var i = 0; i < count; i++)
            {
                await model.InferAsync(rows, options, cancel.Token).ConfigureAwait(false);
            }
        })));
    }
}
