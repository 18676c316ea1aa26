using System.Collections.Concurrent;
using System.Diagnostics;
using Mlp.Core;
using Mlp.Inference.Tests.Batching;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Hosting;

[Collection(nameof(Alone))]
public class TraceTests
{
    [Fact]
    public async Task Every_kind_of_request_is_an_activity_of_the_caller_s_own()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(1, 10), "traced"), new HostedModelOptions { Runtime = RuntimeChoice.Edge, Version = "3" });
        var stopped = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == RequestTrace.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = stopped.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var callers = new Activity("caller").Start();
        await model.PredictAsync([1], new float[1]);
        await model.PredictAsync(1f, static (slot, value) => slot.Input()[0] = value, new float[1]);
        Assert.Equal(11, await model.PredictValueAsync([1]));
        model.Predict([1], new float[1]);
        await model.PredictManyAsync(new float[5], new float[5]);
        model.PredictMany(new float[7], new float[7]);
        using var rows = new TensorRows(model.Layout, 9);
        await model.InferAsync(rows);
        Assert.Same(callers, Activity.Current);
        Assert.Equal([1, 1, 1, 1, 5, 7, 9], stopped.Select(a => (int)a.GetTagItem("mlp.request.rows")!));
        Assert.All(stopped, a =>
        {
            Assert.Equal(("predict traced", callers.SpanId, ActivityStatusCode.Unset), (a.DisplayName, a.ParentSpanId, a.Status));
            Assert.Equal(("traced", "3"), (a.GetTagItem("mlp.model.name"), a.GetTagItem("mlp.model.version")));
        });

        stopped.Clear();
        await Assert.ThrowsAsync<FormatException>(async () => await model.PredictAsync(1f, static (_, _) => throw new FormatException("writer"), new float[1]));
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await model.PredictAsync([1], new float[1], new CancellationToken(true)));
        await host.UnloadAsync("traced");
        await Assert.ThrowsAsync<MlpException>(async () => await model.PredictValueAsync([1]));
        Assert.Throws<MlpException>(() => model.Predict([1], new float[1]));
        await Assert.ThrowsAsync<MlpException>(async () => await model.InferAsync(rows));
        Assert.Equal(["System.FormatException", "System.OperationCanceledException", InferenceErrors.Closed, InferenceErrors.Closed, InferenceErrors.Closed], stopped.Select(a => a.GetTagItem("error.type")));
        Assert.All(stopped, a => Assert.Equal(ActivityStatusCode.Error, a.Status));
        Assert.Same(callers, Activity.Current);
    }
}
