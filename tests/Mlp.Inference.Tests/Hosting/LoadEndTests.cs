using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Hosting;

public class LoadEndTests
{
    [Fact]
    public void A_load_that_is_canceled_during_the_last_warm_up_ends_and_leaves_no_broken_model()
    {
        using var cancel = new CancellationTokenSource();
        var model = new ScriptedModel(1) { OnWarmUp = cancel.Cancel };
        Assert.ThrowsAny<OperationCanceledException>(() => new DynamicBatcher(model, new BatchingOptions { Instances = 1, PreferredBatchRows = [] }, cancellationToken: cancel.Token));
        Assert.True(model.IsDisposed);

        // A run that was over when the token said so is no reason for the next one to fail.
        using var session = model.CreateSession(1);
        using var memory = model.CreateMemory(1);
        using var again = new CancellationTokenSource();
        model.OnWarmUp = again.Cancel;
        Assert.ThrowsAny<OperationCanceledException>(() => session.Run(memory, 1, again.Token));
        session.Run(memory, 1, CancellationToken.None);
    }

    [Fact]
    public async Task A_buckets_trial_that_never_ends_is_ended_by_the_time_that_a_load_may_take()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var package = TestModels.Package(folder, LoopsOverLengths());
        var options = new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntime, LoadTimeout = TimeSpan.FromMilliseconds(300), Buckets = new LengthBuckets { Lengths = [4] } };
        var late = await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(package, options).WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal(InferenceErrors.LoadTimeout, late.Code);
    }

    [Fact]
    public async Task A_host_that_is_disposed_ends_the_load_that_is_under_way()
    {
        using var folder = new TemporaryFolder();
        var host = new ModelHost();
        using var began = new SemaphoreSlim(0);
        var runtime = new WaitsForItsEnd(began);
        var package = TestModels.Package(folder, TestModels.Identity(1));
        var loading = host.LoadAsync(package, new HostedModelOptions { Runtime = runtime });
        var waiting = host.LoadAsync(package, new HostedModelOptions { Runtime = runtime, Name = "next" });
        Assert.True(await began.WaitAsync(TimeSpan.FromMinutes(1)));
        await host.DisposeAsync();
        Assert.True(runtime.WasEnded);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => loading);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await host.DisposeAsync();
    }

    [Fact]
    public async Task A_disposed_host_has_waited_for_the_unload_that_was_under_way()
    {
        using var folder = new TemporaryFolder();
        using var gate = new Gate();
        var host = new ModelHost();
        var scripted = new ScriptedModel(1) { OnRun = (_, _) => gate.Pass() };
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Identity(1)), new HostedModelOptions { Runtime = new ScriptedRuntime(() => scripted) });
        var running = model.PredictValueAsync([1]).AsTask();
        gate.AwaitArrival();
        var unloading = host.UnloadAsync(model.Name);
        var disposing = host.DisposeAsync().AsTask();
        Assert.False(disposing.IsCompleted);
        gate.Open();
        await disposing;
        Assert.True(scripted.IsDisposed);
        Assert.True(await unloading);
        Assert.Equal(1, await running);
    }

    [Fact]
    public async Task Unloaded_completes_when_the_model_is_gone_and_not_when_its_time_is_over()
    {
        using var folder = new TemporaryFolder();
        using var gate = new Gate();
        await using var host = new ModelHost();
        var scripted = new ScriptedModel(1) { OnRun = (_, _) => gate.Pass() };
        var batching = new BatchingOptions { Instances = 1, DrainTimeout = TimeSpan.FromMilliseconds(50) };
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Identity(1)), new HostedModelOptions { Runtime = new ScriptedRuntime(() => scripted), Batching = batching });
        var hangs = model.PredictValueAsync([1]).AsTask();
        gate.AwaitArrival();
        Assert.True(await host.UnloadAsync("model"));
        Assert.Equal(InferenceErrors.Closed, (await Assert.ThrowsAsync<MlpException>(() => hangs)).Code);
        Assert.False(scripted.IsDisposed);
        Assert.False(model.Version.Unloaded.IsCompleted);
        gate.Open();
        await model.Version.Unloaded.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.True(scripted.IsDisposed);
        Assert.False(scripted.OverlappedItsDisposal);
    }

    // A loop without an end over rows of any length, whose outputs' shape only a run can tell.
    private static OnnxModel LoopsOverLengths()
    {
        var any = TensorDimension.Free("");
        OnnxValueInfo Scalar(string name, ElementType type) => new(name, new TensorSpec(name, type));
        OnnxValueInfo Rows(string name) => new(name, new TensorSpec(name, ElementType.Float32, any, any));
        var body = new OnnxGraph
        {
            Name = "body",
            Inputs = [Scalar("i", ElementType.Int64), Scalar("go_in", ElementType.Bool), Rows("v")],
            Outputs = [Scalar("go_out", ElementType.Bool), Rows("w")],
            Initializers = new Dictionary<string, OnnxTensor> { ["one"] = OnnxTensor.Of([1f], 1) },
            Nodes = [new OnnxNode { OpType = "Identity", Inputs = ["go_in"], Outputs = ["go_out"] }, new OnnxNode { OpType = "Add", Inputs = ["v", "one"], Outputs = ["w"] }],
        };
        var loop = new OnnxNode { OpType = "Loop", Inputs = ["n", "", "x"], Outputs = ["y"], Attributes = new Dictionary<string, OnnxAttribute> { ["body"] = new OnnxAttribute { Graph = body } } };
        var x = new TensorSpec("x", ElementType.Float32, any, TensorDimension.Free("length"));
        return TestModels.Of([x], [new TensorSpec("y", ElementType.Float32, any, any)], [loop], new() { ["n"] = OnnxTensor.Of([1L << 60]) });
    }

    private sealed class WaitsForItsEnd(SemaphoreSlim began) : IModelRuntime
    {
        public string Name => "waits";

        public bool WasEnded { get; private set; }

        public IPreparedModel Prepare(ModelFile file, PrepareOptions options)
        {
            began.Release();
            WasEnded = options.CancellationToken.WaitHandle.WaitOne(TimeSpan.FromMinutes(1));
            options.CancellationToken.ThrowIfCancellationRequested();
            return new ScriptedModel(1);
        }
    }
}
