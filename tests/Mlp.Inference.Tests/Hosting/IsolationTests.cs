using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Hosting;

public class IsolationTests
{
    [Fact]
    public async Task While_a_model_hangs_its_callers_get_their_deadline_and_other_models_answer()
    {
        using var folder = new TemporaryFolder();
        using var gate = new Gate();
        var time = new ManualTime();
        await using var host = new ModelHost(new ModelHostOptions { TimeProvider = time });
        var scripted = new ScriptedModel(1) { OnRun = (_, _) => gate.Pass() };
        var batching = new BatchingOptions { BatchRowsMax = 1, QueueRowsMax = 2, Instances = 1, Deadline = TimeSpan.FromMilliseconds(100) };
        var hanging = await host.LoadAsync(TestModels.Package(folder, TestModels.Identity(1), "hanging"), new HostedModelOptions { Runtime = new ScriptedRuntime(() => scripted), Batching = batching });
        var healthy = await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(1, 10), "healthy"), new HostedModelOptions { Runtime = RuntimeChoice.Edge });

        var running = hanging.PredictValueAsync([1]).AsTask();
        gate.AwaitArrival();
        var waiting = hanging.PredictValueAsync([2]).AsTask();
        Assert.Equal(11, await healthy.PredictValueAsync([1]));
        Assert.Equal(12, Predict(healthy, 2));
        time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal(InferenceErrors.DeadlineExceeded, (await Assert.ThrowsAsync<MlpException>(() => running)).Code);
        Assert.Equal(InferenceErrors.DeadlineExceeded, (await Assert.ThrowsAsync<MlpException>(() => waiting)).Code);
        Assert.Equal(13, await healthy.PredictValueAsync([3]));

        // What hung comes back to itself, and so does the model.
        gate.Open();
        Assert.Equal(4, await hanging.PredictValueAsync([4], options: new RequestOptions { Deadline = TimeSpan.FromHours(1) }));
    }

    [Fact]
    public async Task A_model_that_throws_fails_its_own_batch_and_no_other_model()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var scripted = new ScriptedModel(1) { OnRun = (_, memory) => throw new InvalidOperationException("broken inside") };
        var broken = await host.LoadAsync(TestModels.Package(folder, TestModels.Identity(1), "broken"), new HostedModelOptions { Runtime = new ScriptedRuntime(() => scripted) });
        var healthy = await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(1, 10), "healthy"), new HostedModelOptions { Runtime = RuntimeChoice.Edge });
        for (var i = 0; i < 3; i++)
        {
            var error = await Assert.ThrowsAsync<MlpException>(async () => await broken.PredictValueAsync([1]));
            Assert.Equal(InferenceErrors.ExecutionFailed, error.Code);
            Assert.Contains("broken inside", error.Message, StringComparison.Ordinal);
            Assert.Equal(InferenceErrors.ExecutionFailed, Assert.Throws<MlpException>(() => Predict(broken, 1)).Code);
            Assert.Equal(11, await healthy.PredictValueAsync([1]));
        }

        scripted.OnRun = null;
        Assert.Equal(7, await broken.PredictValueAsync([7]));
    }

    [Fact]
    public async Task A_request_that_waits_while_its_model_is_unloaded_is_answered_and_one_after_it_refused()
    {
        using var folder = new TemporaryFolder();
        using var gate = new Gate();
        await using var host = new ModelHost();
        var scripted = new ScriptedModel(1) { OnRun = (_, _) => gate.Pass() };
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Identity(1), "m"), new HostedModelOptions { Runtime = new ScriptedRuntime(() => scripted), Batching = new BatchingOptions { Instances = 1 } });
        var running = model.PredictValueAsync([1]).AsTask();
        gate.AwaitArrival();
        var waiting = model.PredictValueAsync([2]).AsTask();
        var unloading = host.UnloadAsync("m");
        Assert.Equal(InferenceErrors.Closed, (await Assert.ThrowsAsync<MlpException>(async () => await model.PredictValueAsync([3]))).Code);
        Assert.False(model.Version.Unloaded.IsCompleted);
        gate.Open();
        Assert.Equal((1f, 2f), (await running, await waiting));
        Assert.True(await unloading);
        Assert.True(scripted.IsDisposed);
        Assert.False(scripted.OverlappedItsDisposal);
    }

    [Fact]
    public async Task A_disposed_host_takes_no_package_from_anywhere()
    {
        using var folder = new TemporaryFolder();
        var host = new ModelHost();
        var package = TestModels.Package(folder, TestModels.Identity(1));
        var source = new FakeSource { Package = package };
        var watch = await host.WatchAsync(source, new HostedModelOptions { Runtime = RuntimeChoice.Edge });
        await host.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => host.LoadAsync(Stream.Null));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => host.LoadAsync(source));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => host.WatchAsync(source));
        Assert.False(await watch.CheckAsync());
        Assert.Equal(InferenceErrors.UnknownModel, (await Assert.ThrowsAsync<MlpException>(async () => await host.GetAsync("model"))).Code);
        await watch.DisposeAsync();
    }

    private static float Predict(HostedModel model, float value)
    {
        var output = new float[1];
        model.Predict([value], output);
        return output[0];
    }
}
