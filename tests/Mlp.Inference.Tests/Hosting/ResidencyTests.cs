using System.Diagnostics;
using Mlp.Core;
using Mlp.Inference.Tests.Batching;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Hosting;

[Collection(nameof(Alone))]
public class ResidencyTests
{
    private static readonly HostedModelOptions OnEdge = new() { Runtime = RuntimeChoice.Edge, Batching = new BatchingOptions { BatchRowsMax = 4, QueueRowsMax = 16, Instances = 1 } };

    [Fact]
    public async Task The_model_not_used_for_the_longest_time_makes_room_and_comes_back_when_it_is_asked_for()
    {
        using var folder = new TemporaryFolder();
        var packages = Enumerable.Range(0, 3).Select(i => TestModels.Package(folder, TestModels.Adds(1, i * 10), $"m{i}")).ToArray();
        long each;
        await using (var measuring = new ModelHost())
        {
            each = (await measuring.LoadAsync(packages[0], OnEdge)).Version.MemoryBytes;
            Assert.Equal(each, measuring.ResidentBytes);
            Assert.True(each > new FileInfo(packages[0].ModelPath).Length);
        }

        var time = new ManualTime();
        await using var host = new ModelHost(new ModelHostOptions { TimeProvider = time, MemoryBytesMax = (2 * each) + (each / 2) });
        var models = new HostedModel[3];
        for (var i = 0; i < 3; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            models[i] = await host.LoadAsync(packages[i], OnEdge);
            if (i == 1)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                Assert.Equal(5, await models[0].PredictValueAsync([5]));
            }
        }

        // The second one was loaded later, but the first one was used since.
        Assert.Equal([true, false, true], models.Select(m => m.IsLoaded));
        Assert.Equal((1, 0), (host.Evictions, host.Reloads));
        Assert.True(host.ResidentBytes <= (2 * each) + (each / 2));
        Assert.Equal(InferenceErrors.Closed, (await Assert.ThrowsAsync<MlpException>(async () => await models[1].PredictValueAsync([5]))).Code);

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Same(models[2], await host.GetAsync("m2"));
        var asked = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await host.GetAsync("m1"))));
        Assert.All(asked, m => Assert.Same(models[1], m));
        Assert.Equal(15, await models[1].PredictValueAsync([5]));
        Assert.Equal([false, true, true], models.Select(m => m.IsLoaded));
        Assert.Equal((2, 1), (host.Evictions, host.Reloads));
        Assert.True(await host.UnloadAsync("m0"));
        Assert.Equal(InferenceErrors.UnknownModel, (await Assert.ThrowsAsync<MlpException>(async () => await host.GetAsync("m0"))).Code);
    }

    [Fact]
    public async Task A_model_that_is_unloaded_while_it_is_loaded_again_stays_away()
    {
        using var folder = new TemporaryFolder();
        using var gate = new Gate();
        long each;
        await using (var measuring = new ModelHost())
        {
            each = (await measuring.LoadAsync(TestModels.Package(folder, TestModels.Adds(1, 0)), OnEdge)).Version.MemoryBytes;
        }

        await using var host = new ModelHost(new ModelHostOptions { MemoryBytesMax = each + (each / 2) });
        var models = new List<ScriptedModel>();
        var runtime = new ScriptedRuntime(() =>
        {
            models.Add(new ScriptedModel(1) { OnWarmUp = models.Count == 0 ? null : gate.Pass });
            return models[^1];
        });
        await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(1, 10), "first"), OnEdge with { Runtime = runtime });
        var second = await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(1, 20), "second"), OnEdge);
        var again = host.GetAsync("first").AsTask();
        gate.AwaitArrival();
        Assert.True(await host.UnloadAsync("first"));
        gate.Open();
        Assert.Equal(InferenceErrors.Closed, (await Assert.ThrowsAsync<MlpException>(() => again)).Code);
        Assert.Equal([second], host.Models);
        Assert.True(models[1].IsDisposed);
        Assert.Equal(0, host.Reloads);
    }

    [Fact]
    public async Task A_model_larger_than_the_budget_is_refused_and_nothing_is_unloaded_for_it()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost(new ModelHostOptions { MemoryBytesMax = 20_000 });
        var small = await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(1, 1), "small"), OnEdge);
        var error = await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(TestModels.Package(folder, TestModels.Net(1, 64, 128, 1), "large"), OnEdge));
        Assert.Equal(ErrorCodes.LimitReached, error.Code);
        Assert.True(small.IsLoaded);
        Assert.Equal(0, host.Evictions);
    }

    [Fact]
    public async Task Hundreds_of_tenants_share_the_budget_and_each_gets_its_own_models_answers()
    {
        const int Tenants = 200;
        using var folder = new TemporaryFolder();
        var packages = Enumerable.Range(0, Tenants).Select(i => TestModels.Package(folder, TestModels.Adds(1, i), $"tenant{i}")).ToArray();
        long each;
        await using (var measuring = new ModelHost())
        {
            each = (await measuring.LoadAsync(packages[0], OnEdge)).Version.MemoryBytes;
        }

        var most = 12 * each;
        await using var host = new ModelHost(new ModelHostOptions { MemoryBytesMax = most });
        foreach (var package in packages)
        {
            await host.LoadAsync(package, OnEdge);
            Assert.InRange(host.ResidentBytes, 1, most);
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 50; i++)
            {
                var tenant = random.Next(Tenants);
                while (true)
                {
                    try
                    {
                        Assert.Equal(1 + tenant, await (await host.GetAsync($"tenant{tenant}")).PredictValueAsync([1]));
                        break;
                    }
                    catch (MlpException e) when (e.Code == InferenceErrors.Closed)
                    {
                        // Another tenant took its place between the two calls.
                    }
                }

                Assert.InRange(host.ResidentBytes, 1, most);
            }
        })));
        Assert.Equal(Tenants, host.Models.Count);
        Assert.True(host.Evictions > Tenants && host.Reloads > 0, $"{host.Evictions} unloaded, {host.Reloads} loaded again");
    }

    [Fact]
    public async Task A_reload_that_fails_says_so_and_a_later_one_succeeds()
    {
        using var folder = new TemporaryFolder();
        var source = new FakeSource { Package = TestModels.Package(folder, TestModels.Adds(1, 10), "a"), Version = "1" };
        long each;
        await using (var measuring = new ModelHost())
        {
            each = (await measuring.LoadAsync(source, OnEdge)).Version.MemoryBytes;
        }

        await using var host = new ModelHost(new ModelHostOptions { MemoryBytesMax = each + (each / 2) });
        var model = await host.LoadAsync(source, OnEdge);
        await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(1, 20), "b"), OnEdge);
        Assert.False(model.IsLoaded);
        source.Error = new MlpException("source.away", "The source is away.");
        Assert.Equal("source.away", (await Assert.ThrowsAsync<MlpException>(async () => await host.GetAsync("a"))).Code);

        // What comes back is what the source has by then.
        (source.Error, source.Package, source.Version) = (null, TestModels.Package(folder, TestModels.Adds(1, 30), "a"), "2");
        Assert.Same(model, await host.GetAsync("a"));
        Assert.Equal(("2", 31f), (model.Version.Version, await model.PredictValueAsync([1])));
    }

    [Fact]
    public async Task Memory_comes_back_after_an_unload()
    {
        using var folder = new TemporaryFolder();
        var package = TestModels.Package(folder, TestModels.Net(1, 1024, 3072, 3072, 1), "large");
        var bytes = new FileInfo(package.ModelPath).Length;
        Assert.True(bytes > 48 << 20);
        var options = new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntime, Batching = new BatchingOptions { BatchRowsMax = 8, QueueRowsMax = 16, Instances = 1 } };
        await using var host = new ModelHost();
        await LoadAndUnload();
        var before = PrivateBytes();
        for (var i = 0; i < 5; i++)
        {
            await LoadAndUnload();
        }

        // One that kept its memory would have taken five times its size.
        var grown = PrivateBytes() - before;
        Assert.True(grown < 2 * bytes, $"{grown >> 20} MiB more after five loads and unloads of {bytes >> 20} MiB");

        async Task LoadAndUnload()
        {
            var model = await host.LoadAsync(package, options);
            model.Predict(new float[1024], new float[1]);
            Assert.True(model.Version.MemoryBytes >= bytes);
            await host.UnloadAsync("large");
        }

        static long PrivateBytes()
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            using var process = Process.GetCurrentProcess();
            return process.WorkingSet64;
        }
    }
}
