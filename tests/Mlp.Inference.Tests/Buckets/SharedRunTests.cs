using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Buckets;

/// <summary>Which calls meet in a run. Each call's numbers are all its own.</summary>
public class SharedRunTests
{
    private static readonly int[] Lengths = [4, 8, 32];

    [Fact]
    public async Task Calls_of_one_bucket_share_a_run_whatever_their_lengths()
    {
        using var folder = new TemporaryFolder();

        // Nothing but four rows makes a run: the clock stands still.
        await using var host = new ModelHost(new ModelHostOptions { TimeProvider = new ManualTime() });
        var (model, runtime) = await LoadAsync(host, folder, new BatchingOptions { BatchRowsMax = 4, Instances = 1, DelayMax = TimeSpan.FromMinutes(1) });
        await Task.WhenAll(new[] { 5, 8, 6, 7 }.Select((length, i) => CallAsync(model, i + 1, 1, length))).WaitAsync(TimeSpan.FromMinutes(1));
        var (shape, rows) = Assert.Single(runtime.Runs);
        Assert.Equal([8], shape);
        Assert.Equal([1, 2, 3, 4], rows.Select(row => row[0]).Order());
    }

    [Fact]
    public async Task Calls_of_different_buckets_do_not_though_both_wait_for_company()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        await using var host = new ModelHost(new ModelHostOptions { TimeProvider = time });
        var (model, runtime) = await LoadAsync(host, folder, new BatchingOptions { BatchRowsMax = 4, Instances = 1, DelayMax = TimeSpan.FromMinutes(1) });
        var calls = new[] { 3, 7, 4, 8 }.Select((length, i) => CallAsync(model, i + 1, 1, length)).ToArray();
        Assert.Empty(runtime.Runs);
        time.Advance(TimeSpan.FromMinutes(2));
        await Task.WhenAll(calls).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal([(4, 1f, 3f), (8, 2f, 4f)], runtime.Runs.Select(run => (run.RowShape[0], run.Rows[0][0], run.Rows[1][0])).Order());
        Assert.All(runtime.Runs, run => Assert.Equal(2, run.Rows.Length));
    }

    [Fact]
    public async Task Every_row_of_many_calls_runs_once_and_in_its_own_bucket()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var (model, runtime) = await LoadAsync(host, folder, new BatchingOptions { BatchRowsMax = 8, Instances = 2, QueueRowsMax = 1 << 14 });
        var calls = Enumerable.Range(1, 400).Select(id => (Id: id, Random: new Random(id))).Select(c => (c.Id, Rows: c.Random.Next(1, 20), Length: c.Random.Next(1, 33))).ToArray();
        await Task.WhenAll(calls.Select(call => Task.Run(() => CallAsync(model, call.Id, call.Rows, call.Length))));
        var ran = runtime.Runs.SelectMany(run => run.Rows.Select(row => (Id: (int)row[0], Bucket: run.RowShape[0]))).ToArray();
        Assert.Equal(calls.SelectMany(call => Enumerable.Repeat((call.Id, Lengths.First(l => l >= call.Length)), call.Rows)).Order(), ran.Order());
    }

    private static async Task<(HostedModel Model, RecordingRuntime Runtime)> LoadAsync(ModelHost host, TemporaryFolder folder, BatchingOptions batching)
    {
        var runtime = new RecordingRuntime(RuntimeChoice.OnnxRuntime);
        TensorSpec Spec(string name) => new(name, ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Free("length"));
        var onnx = TestModels.Of([Spec("x")], [Spec("y")], [new OnnxNode { OpType = "Neg", Inputs = ["x"], Outputs = ["y"] }]);
        var model = await host.LoadAsync(TestModels.Package(folder, onnx), new HostedModelOptions { Runtime = runtime, Batching = batching, Buckets = new LengthBuckets { Lengths = Lengths } });

        // What was run to get warm.
        runtime.Runs.Clear();
        return (model, runtime);
    }

    private static async Task CallAsync(HostedModel model, int id, int rows, int length)
    {
        var numbers = Enumerable.Repeat((float)id, rows * length).ToArray();
        var answer = await model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>(numbers, rows, length) });
        Assert.Equal($"float32[{rows}, {length}]", answer.Tensor("y").ToString());
        Assert.Equal(numbers.Select(x => -x), answer.Tensor("y").Elements<float>().ToArray());
    }
}
