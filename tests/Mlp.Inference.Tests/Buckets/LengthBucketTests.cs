using System.Diagnostics.Metrics;
using CsCheck;
using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Buckets;

public class LengthBucketTests
{
    private static readonly TensorDimension Batch = TensorDimension.Free("batch");
    private static readonly TensorDimension Length = TensorDimension.Free("length");

    [Fact]
    public async Task Calls_of_every_length_get_the_answers_that_they_would_get_alone()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var package = TestModels.Package(folder, Masked());
        var alone = await host.LoadAsync(package, new HostedModelOptions { Name = "alone" });
        var bucketed = await host.LoadAsync(package, new HostedModelOptions { Name = "bucketed", Buckets = new LengthBuckets { Lengths = [4, 16, 64], Padding = new Dictionary<string, double> { ["ids"] = 77 } } });
        await Task.WhenAll(Enumerable.Range(0, 300).Select(async i =>
        {
            var random = new Random(i);
            var (rows, length) = (1 + random.Next(3), i < 100 ? 1 + i : 1 + random.Next(20));
            var call = Call(random, rows, length);
            var (expected, actual) = (await alone.RunAsync(call), await bucketed.RunAsync(call));
            foreach (var output in new[] { "doubled", "wide", "sum", "words" })
            {
                Assert.Equal(expected.Tensor(output).ToString(), actual.Tensor(output).ToString());
                Assert.Equal(expected.Tensor(output).Bytes.ToArray(), actual.Tensor(output).Bytes.ToArray());
                Assert.Equal(expected.Tensor(output).Texts, actual.Tensor(output).Texts);
            }
        }));
    }

    [Fact]
    public async Task What_was_filled_up_is_counted()
    {
        long filled = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "mlp.inference.padding")
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag is { Key: "model", Value: "counted" })
                {
                    Interlocked.Add(ref filled, value);
                }
            }
        });
        listener.Start();
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, Masked()), new HostedModelOptions { Name = "counted", Buckets = new LengthBuckets { Lengths = [8] } });
        foreach (var length in new[] { 8, 5, 1, 9 })
        {
            await model.RunAsync(Call(new Random(length), 2, length));
        }

        Assert.Equal(2 * (0 + 3 + 7), filled);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(1)]
    public async Task One_bucket_cuts_no_dimension_that_only_happens_to_be_as_long(int length)
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();

        // Two outputs, neither of them with a name for what lies behind the batch: a pooled row of as many numbers, and the steps themselves.
        var any = TensorDimension.Free("");
        var onnx = TestModels.Of(
            [new TensorSpec("x", ElementType.Float32, Batch, Length)],
            [new TensorSpec("pooled", ElementType.Float32, Batch, any), new TensorSpec("steps", ElementType.Float32, Batch, any)],
            [
                new OnnxNode { OpType = "ReduceSum", Inputs = ["x", "axes"], Outputs = ["s"], Attributes = new Dictionary<string, OnnxAttribute> { ["keepdims"] = 1L } },
                new OnnxNode { OpType = "Mul", Inputs = ["s", "w"], Outputs = ["pooled"] },
                new OnnxNode { OpType = "Neg", Inputs = ["x"], Outputs = ["steps"] },
            ],
            new() { ["axes"] = OnnxTensor.Of([1L], 1), ["w"] = OnnxTensor.Of([.. Enumerable.Range(1, length).Select(i => (float)i)], 1, length) });
        var model = await host.LoadAsync(TestModels.Package(folder, onnx), new HostedModelOptions { Buckets = new LengthBuckets { Lengths = [length] } });
        var given = Math.Min(3, length);
        var answer = await model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>(new float[given], 1, given) });
        Assert.Equal($"float32[1, {length}]", answer.Tensor("pooled").ToString());
        Assert.Equal($"float32[1, {given}]", answer.Tensor("steps").ToString());
    }

    [Theory]
    [InlineData(ElementType.BFloat16, 1, true)]
    [InlineData(ElementType.BFloat16, 0, false)]
    [InlineData(ElementType.String, 0, true)]
    [InlineData(ElementType.Float16, 1, false)]
    public async Task Padding_that_no_element_can_hold_is_an_error_at_load(ElementType type, double padding, bool isRefused)
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var onnx = TestModels.Of([new TensorSpec("x", type, Batch, Length)], [new TensorSpec("y", type, Batch, Length)], [new OnnxNode { OpType = "Identity", Inputs = ["x"], Outputs = ["y"] }]);
        var options = new HostedModelOptions { Buckets = new LengthBuckets { Lengths = [8], Padding = new Dictionary<string, double> { ["x"] = padding } } };
        var error = await Record.ExceptionAsync(() => host.LoadAsync(TestModels.Package(folder, onnx), options));
        Assert.Equal(isRefused ? ErrorCodes.TensorMismatch : null, (error as MlpException)?.Code);
        Assert.Equal(isRefused, error is not null);
    }

    [Fact]
    public void Cutting_undoes_filling_for_every_place_of_the_length() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[0, 2], Gen.Int[1, 3], Gen.Int[1, 3], Gen.Int[1, 6], Gen.Int[0, 5]).Sample((rows, place, a, b, length, more) =>
        {
            var bucket = length + more;
            int[] Shape(int l) => place switch { 0 => [l, a, b], 1 => [a, l, b], _ => [a, b, l] };
            var variable = new VariableTensor(place);
            var source = Enumerable.Range(0, rows * a * b * length).ToArray();
            var filled = new int[rows * a * b * bucket];
            variable.Copy<int>(Shape(bucket), 1, rows, source, length, filled, bucket);
            var back = new int[source.Length];
            variable.Copy<int>(Shape(bucket), 1, rows, filled, bucket, back, length);
            Assert.Equal(source, back);
        });

    [Fact]
    public async Task What_has_no_lengths_is_refused_at_load_with_the_reason()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var strided = TestModels.Of(
            [new TensorSpec("x", ElementType.Float32, Batch, Length)],
            [new TensorSpec("y", ElementType.Float32, Batch, TensorDimension.Free("other"))],
            [new OnnxNode { OpType = "Concat", Inputs = ["x", "x"], Outputs = ["y"], Attributes = new Dictionary<string, OnnxAttribute> { ["axis"] = 1L } }]);
        var twoFree = TestModels.Of(
            [new TensorSpec("x", ElementType.Float32, Batch, Length, TensorDimension.Free("w"))],
            [new TensorSpec("y", ElementType.Float32, Batch, Length, TensorDimension.Free("w"))],
            [new OnnxNode { OpType = "Neg", Inputs = ["x"], Outputs = ["y"] }]);
        var options = new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntime, Buckets = new LengthBuckets { Lengths = [4, 8] } };
        foreach (var (onnx, reason) in new[] { (strided, "depends on the length in another way"), (twoFree, "two free dimensions"), (TestModels.Identity(2), "no lengths to make buckets of") })
        {
            var error = await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(TestModels.Package(folder, onnx), options));
            Assert.Equal(InferenceErrors.Unsupported, error.Code);
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        }

        var named = options with { Buckets = options.Buckets with { Padding = new Dictionary<string, double> { ["nothing"] = 1 } } };
        Assert.Equal(ErrorCodes.TensorMismatch, (await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(TestModels.Package(folder, Masked()), named))).Code);
        foreach (var lengths in new int[][] { [], [0], [4, 4], [8, 4] })
        {
            Assert.Throws<ArgumentException>(() => new LengthBuckets { Lengths = lengths }.Validate());
        }
    }

    [Fact]
    public async Task Inputs_that_do_not_go_together_are_an_error()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, Masked()), new HostedModelOptions { Buckets = new LengthBuckets { Lengths = [8] } });
        var call = Call(new Random(1), 2, 5);
        call["mask"] = TensorValue.Of<float>(new float[5], 1, 5);
        Assert.Equal(ErrorCodes.TensorMismatch, (await Assert.ThrowsAsync<MlpException>(() => model.RunAsync(call).AsTask())).Code);
        call["mask"] = TensorValue.Of<float>(new float[8], 2, 4);
        Assert.Equal(InferenceErrors.ExecutionFailed, (await Assert.ThrowsAsync<MlpException>(() => model.RunAsync(call).AsTask())).Code);
        Assert.Equal("float32[2, 5]", (await model.RunAsync(Call(new Random(1), 2, 5))).Tensor("doubled").ToString());
    }

    private static Dictionary<string, ModelValue> Call(Random random, int rows, int length)
    {
        var ids = Enumerable.Range(0, rows * length).Select(_ => (long)random.Next(1000)).ToArray();
        return new Dictionary<string, ModelValue>
        {
            ["ids"] = TensorValue.Of<long>(ids, rows, length),
            ["mask"] = TensorValue.Of<float>(Enumerable.Repeat(1f, rows * length).ToArray(), rows, length),
            ["texts"] = new TensorValue(ids.Select(id => $"w{id}").ToArray(), rows, length),
        };
    }

    // Twice each number, its sum and a copy of the words: what is filled up counts nothing, as in a model with an attention mask.
    private static OnnxModel Masked() => TestModels.Of(
        [new TensorSpec("ids", ElementType.Int64, Batch, Length), new TensorSpec("mask", ElementType.Float32, Batch, Length), new TensorSpec("texts", ElementType.String, Batch, Length)],
        [
            new TensorSpec("doubled", ElementType.Float32, Batch, Length),
            new TensorSpec("wide", ElementType.Float32, Batch, TensorDimension.Fixed(2), Length),
            new TensorSpec("sum", ElementType.Float32, Batch),
            new TensorSpec("words", ElementType.String, Batch, Length),
        ],
        [
            new OnnxNode { OpType = "Cast", Inputs = ["ids"], Outputs = ["numbers"], Attributes = new Dictionary<string, OnnxAttribute> { ["to"] = 1L } },
            new OnnxNode { OpType = "Mul", Inputs = ["numbers", "mask"], Outputs = ["masked"] },
            new OnnxNode { OpType = "Add", Inputs = ["masked", "masked"], Outputs = ["doubled"] },
            new OnnxNode { OpType = "Unsqueeze", Inputs = ["masked", "one"], Outputs = ["tall"] },
            new OnnxNode { OpType = "Concat", Inputs = ["tall", "tall"], Outputs = ["wide"], Attributes = new Dictionary<string, OnnxAttribute> { ["axis"] = 1L } },
            new OnnxNode { OpType = "ReduceSum", Inputs = ["masked", "one"], Outputs = ["sum"], Attributes = new Dictionary<string, OnnxAttribute> { ["keepdims"] = 0L } },
            new OnnxNode { OpType = "Identity", Inputs = ["texts"], Outputs = ["words"] },
        ],
        new() { ["one"] = OnnxTensor.Of([1L], 1) });
}
