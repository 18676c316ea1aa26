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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_nobody_waits_for_is_ended_and_its_instance_answers_again(bool byDeadline)
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var batching = new BatchingOptions { Instances = 1 };
        var model = await host.LoadAsync(TestModels.Package(folder, Loops()), new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntime, Batching = batching });
        Dictionary<string, ModelValue> Turns(long n) => new() { ["n"] = TensorValue.Of<long>([n]), ["x"] = TensorValue.Of<float>([0]) };
        for (var repeat = 0; repeat < 3; repeat++)
        {
            if (byDeadline)
            {
                var late = await Assert.ThrowsAsync<MlpException>(() => model.RunAsync(Turns(1L << 60), new RequestOptions { Deadline = TimeSpan.FromMilliseconds(50) }).AsTask());
                Assert.Equal(InferenceErrors.DeadlineExceeded, late.Code);
            }
            else
            {
                using var cancel = new CancellationTokenSource();
                var endless = model.RunAsync(Turns(1L << 60), cancellationToken: cancel.Token).AsTask();
                await cancel.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless);
            }

            // The only instance has to come back for this; without that it would never be answered.
            var answer = await model.RunAsync(Turns(3)).AsTask().WaitAsync(TimeSpan.FromMinutes(2));
            Assert.Equal(3, answer.Tensor("y").Elements<float>()[0]);
        }
    }

    [Fact]
    public async Task A_run_that_never_ends_is_ended_by_an_unload_once_its_time_is_over()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var batching = new BatchingOptions { Instances = 1, DrainTimeout = TimeSpan.FromMilliseconds(50) };
        var model = await host.LoadAsync(TestModels.Package(folder, Loops()), new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntime, Batching = batching });
        var endless = model.RunAsync(new Dictionary<string, ModelValue> { ["n"] = TensorValue.Of<long>([1L << 60]), ["x"] = TensorValue.Of<float>([0]) }).AsTask();
        Assert.True(await host.UnloadAsync("model").WaitAsync(TimeSpan.FromMinutes(2)));
        Assert.Equal(InferenceErrors.Closed, (await Assert.ThrowsAsync<MlpException>(() => endless)).Code);
    }

    [Fact]
    public async Task A_version_that_never_gets_warm_is_given_up_and_the_host_loads_the_next_one()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost(new ModelHostOptions { Slots = new RunSlots(1) });
        var package = TestModels.Package(folder, LoopsForRows());
        var late = await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(package, new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntime, LoadTimeout = TimeSpan.FromMilliseconds(200) }).WaitAsync(TimeSpan.FromMinutes(2)));
        Assert.Equal(InferenceErrors.LoadTimeout, late.Code);
        using var cancel = new CancellationTokenSource();
        var endless = host.LoadAsync(package, new HostedModelOptions { Runtime = RuntimeChoice.Auto }, cancel.Token);
        cancel.CancelAfter(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless.WaitAsync(TimeSpan.FromMinutes(2)));
        var next = await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(1, 10)), new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntime });
        Assert.Equal(11, Predict(next, 1));
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

    // Hangs on every row.
    private static OnnxModel LoopsForRows()
    {
        var loop = Loops();
        var rows = new TensorSpec("x", ElementType.Float32, TensorDimension.Free("n"), TensorDimension.Fixed(1));
        return TestModels.Of([rows], [new TensorSpec("y", ElementType.Float32, TensorDimension.Free("n"), TensorDimension.Fixed(1))], [.. loop.Graph.Nodes], new() { ["n"] = OnnxTensor.Of([1L << 60]) });
    }

    // Adds 1 as often as the caller says: with a large number a model that hangs.
    private static OnnxModel Loops()
    {
        TensorSpec Scalar(string name, ElementType type) => new(name, type);
        OnnxValueInfo Value(string name, ElementType type) => new(name, Scalar(name, type));
        var body = new OnnxGraph
        {
            Name = "body",
            Inputs = [Value("i", ElementType.Int64), Value("go_in", ElementType.Bool), Value("v", ElementType.Float32)],
            Outputs = [Value("go_out", ElementType.Bool), Value("w", ElementType.Float32)],
            Initializers = new Dictionary<string, OnnxTensor> { ["one"] = OnnxTensor.Of([1f]) },
            Nodes = [new OnnxNode { OpType = "Identity", Inputs = ["go_in"], Outputs = ["go_out"] }, new OnnxNode { OpType = "Add", Inputs = ["v", "one"], Outputs = ["w"] }],
        };
        return TestModels.Of(
            [Scalar("n", ElementType.Int64), Scalar("x", ElementType.Float32)],
            [Scalar("y", ElementType.Float32)],
            [new OnnxNode { OpType = "Loop", Inputs = ["n", "", "x"], Outputs = ["y"], Attributes = new Dictionary<string, OnnxAttribute> { ["body"] = new OnnxAttribute { Graph = body } } }]);
    }
}
