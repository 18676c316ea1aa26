using System.Text;
using Mlp.Core;
using Mlp.Inference.Tests.Batching;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Hosting;

[Collection(nameof(Alone))]
public class BadInputTests
{
    private static readonly IModelRuntime[] Runtimes = [RuntimeChoice.Auto, RuntimeChoice.OnnxRuntime, RuntimeChoice.Edge];

    [Theory]
    [InlineData("../secret.bin")]
    [InlineData("weights.bin")]
    public async Task A_model_whose_weights_lie_in_another_file_is_not_loaded_by_any_runtime(string location)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(Path.Combine(folder.Path, "secret.bin"), new byte[4]);
        var inside = TestModels.Adds(1, 1).Write();
        var package = new PackageBuilder().Add("model.onnx", WithWeightsAt(inside, location)).Add("weights.bin", new byte[4])
            .Write(Path.Combine(folder.Path, "package"), new PackageManifest { Name = "model", Signature = OnnxModel.Read(inside).Signature() });
        await using var host = new ModelHost();
        foreach (var runtime in Runtimes)
        {
            var error = await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(package, new HostedModelOptions { Runtime = runtime }));
            Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
            Assert.Contains("lies in another file", error.Message, StringComparison.Ordinal);
        }

        Assert.Empty(host.Models);
    }

    [Fact]
    public async Task Rows_of_a_wrong_rank_are_an_error_that_says_both_and_the_next_call_is_answered()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        foreach (var runtime in Runtimes)
        {
            var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(2, 1)), new HostedModelOptions { Name = runtime.Name, Runtime = runtime });
            foreach (var shape in new long[][] { [], [2], [1, 1, 2], [2, 1], [1, 2, 1] })
            {
                var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
                var error = await Assert.ThrowsAsync<MlpException>(() => model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>(values, shape) }).AsTask());
                Assert.Equal(ErrorCodes.TensorMismatch, error.Code);
                Assert.Contains($"float32[{string.Join(", ", shape)}]", error.Message, StringComparison.Ordinal);
                Assert.Contains("expected x: float32[batch, 2]", error.Message, StringComparison.Ordinal);
            }

            using var others = new TensorRows(ModelLayout.Of(TestModels.Adds(3, 1).Signature()), 1);
            Assert.Equal(ErrorCodes.TensorMismatch, (await Assert.ThrowsAsync<MlpException>(() => model.InferAsync(others).AsTask())).Code);
            var output = new float[2];
            await model.PredictAsync([1, 2], output);
            Assert.Equal([2f, 3], output);
        }
    }

    [Fact]
    public async Task Rows_of_two_gigabytes_that_options_state_make_no_batches_and_take_no_memory()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        TensorSpec Spec(string name) => new(name, ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Free("length"));
        var package = TestModels.Package(folder, TestModels.Of([Spec("x")], [Spec("y")], [new OnnxNode { OpType = "Neg", Inputs = ["x"], Outputs = ["y"] }]));
        var before = GC.GetTotalAllocatedBytes(precise: true);

        // There are no batches of such rows: a call at a time, and buckets are nothing but batches.
        var alone = await host.LoadAsync(package, new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntime, RowShapes = new Dictionary<string, int[]> { ["x"] = [1 << 29] } });
        Assert.Contains("larger than an array can be", alone.Layout.WhyWhole, StringComparison.Ordinal);
        Assert.True(alone.Version.MemoryBytes < 1 << 20);
        var answer = await alone.RunAsync(new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>([3, 4], 1, 2) });
        Assert.Equal([-3f, -4], answer.Tensor("y").Elements<float>().ToArray());
        var error = await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(package, new HostedModelOptions { Name = "buckets", Runtime = RuntimeChoice.OnnxRuntime, Buckets = new LengthBuckets { Lengths = [4, 1 << 29] } }));
        Assert.Equal(InferenceErrors.Unsupported, error.Code);
        Assert.Contains($"no batches of the length {1 << 29}", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 100 << 20);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_an_unload_or_the_hosts_disposal_every_kind_of_call_is_refused(bool byDisposal)
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(1, 1)), new HostedModelOptions { Runtime = RuntimeChoice.Edge });
        var whole = await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(1, 1), "whole"), new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntime, Batches = false });
        Assert.False(whole.Layout.IsBatched);
        using var one = new TensorRows(model.Layout, 1);
        using var two = new TensorRows(model.Layout, 2);
        var values = new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>([1], 1, 1) };
        if (byDisposal)
        {
            await host.DisposeAsync();
        }
        else
        {
            Assert.True(await host.UnloadAsync("model") && await host.UnloadAsync("whole"));
        }

        foreach (var call in new Func<Task>[]
        {
            () => model.PredictAsync([1], new float[1]).AsTask(),
            () => model.PredictAsync(1f, static (slot, x) => slot.Input()[0] = x, new float[1]).AsTask(),
            () => model.PredictValueAsync([1]).AsTask(),
            () => model.PredictManyAsync(new float[3], new float[3]).AsTask(),
            () => model.InferAsync(one).AsTask(),
            () => model.InferAsync(one, new RequestOptions { RunsHere = true }).AsTask(),
            () => model.InferAsync(two).AsTask(),
            () => model.RunAsync(values).AsTask(),
            () => whole.RunAsync(values).AsTask(),
            () => Task.Run(() => model.Predict([1], new float[1])),
            () => Task.Run(() => model.PredictMany([1, 2], new float[2])),
        })
        {
            Assert.Equal(InferenceErrors.Closed, (await Assert.ThrowsAsync<MlpException>(call)).Code);
        }
    }

    // The same model with its constant's data in a file beside it, by the fields of ONNX's TensorProto: 13 external_data, 14 data_location.
    private static byte[] WithWeightsAt(byte[] onnx, string location)
    {
        var graph = new List<byte>();
        var tensor = new List<byte>();
        tensor.AddRange([0x08, 0x01, 0x10, 0x01]);
        AddField(tensor, 8, "c"u8);
        var entry = new List<byte>();
        AddField(entry, 1, "location"u8);
        AddField(entry, 2, Encoding.UTF8.GetBytes(location));
        AddField(tensor, 13, [.. entry]);
        tensor.AddRange([0x70, 0x01]);
        AddField(graph, 5, [.. tensor]);

        // A second graph field is merged into the first one: the constant comes once more, and lies elsewhere.
        var model = new List<byte>(onnx);
        AddField(model, 7, [.. graph]);
        return [.. model];
    }

    private static void AddField(List<byte> to, int field, ReadOnlySpan<byte> bytes)
    {
        to.Add((byte)((field << 3) | 2));
        to.Add((byte)bytes.Length);
        to.AddRange(bytes);
    }
}
