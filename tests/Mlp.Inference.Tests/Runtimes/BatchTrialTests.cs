using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Runtimes;

/// <summary>Whether a model's first dimension is a batch's, as its file claims.</summary>
public class BatchTrialTests
{
    private static readonly TensorDimension Any = TensorDimension.Free("");
    private static readonly TensorDimension Batch = TensorDimension.Free("batch");

    [Fact]
    public async Task A_first_dimension_whose_rows_meet_does_not_mix_callers()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, SoftmaxOverRows(TensorDimension.Free("sequence"))), new HostedModelOptions { Batching = new BatchingOptions { Instances = 1 } });
        Assert.Contains("beside other rows", model.Layout.WhyWhole, StringComparison.Ordinal);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
        {
            var x = TestModels.Floats(new Random(i), 6);
            var answer = await model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>(x, 3, 2) });
            AssertClose(SoftmaxOfColumns(x), answer.Tensor("y").Elements<float>());
        }));
    }

    [Fact]
    public async Task A_file_of_fixed_rows_that_meet_gets_all_of_them_in_one_run()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, SoftmaxOverRows(TensorDimension.Fixed(128))));
        Assert.Contains("beside other rows", model.Layout.WhyWhole, StringComparison.Ordinal);
        var x = TestModels.Floats(new Random(1), 256);
        var answer = await model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>(x, 128, 2) });
        AssertClose(SoftmaxOfColumns(x), answer.Tensor("y").Elements<float>());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(128)]
    public void A_file_of_fixed_rows_that_do_not_meet_keeps_its_batches(int rows)
    {
        var fixedRows = TensorDimension.Fixed(rows);
        using var model = Prepare(TestModels.Of([Spec("x", fixedRows, TensorDimension.Fixed(2))], [Spec("y", fixedRows, Any)], [Node("Softmax", ["x"], ["y"], ("axis", 1L))]));
        Assert.Null(model.Layout.WhyWhole);
        Assert.Equal(2, model.Layout.Outputs[0].Width);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void A_row_whose_answer_depends_on_its_place_is_no_row_of_a_batch(int rows)
    {
        var fixedRows = TensorDimension.Fixed(rows);
        using var model = Prepare(TestModels.Of(
            [Spec("x", fixedRows, TensorDimension.Fixed(2))],
            [Spec("y", fixedRows, TensorDimension.Fixed(2))],
            [Node("Add", ["x", "c"], ["y"])],
            new() { ["c"] = OnnxTensor.Of([.. Enumerable.Range(0, rows).Select(i => (float)i)], rows, 1) }));
        Assert.Contains("beside other rows", model.Layout.WhyWhole, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ElementType.Int64)]
    [InlineData(ElementType.Int32)]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.Float64)]
    public void Rows_of_any_numbers_that_meet_are_found(ElementType type)
    {
        foreach (var shape in (TensorDimension[][])[[Batch], [Batch, TensorDimension.Fixed(3)]])
        {
            using var model = Prepare(TestModels.Of(
                [new TensorSpec("x", type, shape)],
                [new TensorSpec("y", type, shape)],
                [Node("ReduceMax", ["x"], ["m"], ("axes", new long[] { 0 }), ("keepdims", 1L)), Node("Add", ["x", "m"], ["y"])]));
            Assert.Contains("beside other rows", model.Layout.WhyWhole, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Numbers_that_a_model_does_not_take_are_replaced_by_ones_that_it_takes()
    {
        // Two rows in the table: an index of 1 is the last one. Then one row: only 0 is left.
        foreach (var table in (int[])[2, 1])
        {
            using var model = Prepare(TestModels.Of(
                [new TensorSpec("x", ElementType.Int64, Batch, TensorDimension.Fixed(4))],
                [Spec("y", Batch, TensorDimension.Fixed(4))],
                [Node("Gather", ["c", "x"], ["y"])],
                new() { ["c"] = OnnxTensor.Of(new float[table], table) }));
            Assert.Null(model.Layout.WhyWhole);
        }
    }

    [Fact]
    public async Task Whether_calls_share_runs_can_be_said()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var whole = await host.LoadAsync(TestModels.Package(folder, TestModels.Identity(2), "whole"), new HostedModelOptions { Batches = false });
        Assert.Contains("Batches is false", whole.Layout.WhyWhole, StringComparison.Ordinal);
        var answer = await whole.RunAsync(new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>([1, 2, 3, 4], 2, 2) });
        Assert.Equal([1f, 2, 3, 4], answer.Tensor("y").Elements<float>().ToArray());
        var batched = await host.LoadAsync(TestModels.Package(folder, SoftmaxOverRows(Batch), "batched"), new HostedModelOptions { Batches = true });
        Assert.True(batched.Layout.IsBatched);
        Assert.Throws<ArgumentException>(() => new HostedModelOptions { Batches = false, Buckets = new LengthBuckets() }.Validate());
    }

    [Fact]
    public async Task First_dimensions_of_different_names_are_no_batch()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var onnx = TestModels.Of(
            [Spec("a", TensorDimension.Free("n"), TensorDimension.Fixed(2)), Spec("b", TensorDimension.Free("m"), TensorDimension.Fixed(2))],
            [Spec("y", TensorDimension.Free("n"), TensorDimension.Fixed(2))],
            [Node("ReduceSum", ["b", "axes"], ["s"], ("keepdims", 1L)), Node("Add", ["a", "s"], ["y"])],
            new() { ["axes"] = OnnxTensor.Of([0L], 1) });
        var model = await host.LoadAsync(TestModels.Package(folder, onnx));
        Assert.Contains("'m' rows", model.Layout.WhyWhole, StringComparison.Ordinal);
        var answer = await model.RunAsync(new Dictionary<string, ModelValue> { ["a"] = TensorValue.Of<float>([1, 1], 1, 2), ["b"] = TensorValue.Of<float>([1, 1, 1, 1], 2, 2) });
        Assert.Equal([3f, 3], answer.Tensor("y").Elements<float>().ToArray());
    }

    [Fact]
    public void Names_that_a_converter_made_up_for_each_first_dimension_are_no_names()
    {
        using var model = Prepare(TestModels.Of(
            [Spec("a", TensorDimension.Free("unk__7"), TensorDimension.Fixed(2)), Spec("b", TensorDimension.Free("unk__8"), TensorDimension.Fixed(2))],
            [Spec("y", TensorDimension.Free("unk__9"), TensorDimension.Fixed(2))],
            [Node("Add", ["a", "b"], ["y"])]));
        Assert.Null(model.Layout.WhyWhole);
    }

    [Fact]
    public async Task A_batch_that_the_file_only_claims_is_run_a_call_at_a_time()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var onnx = TestModels.Of([Spec("x", Batch, TensorDimension.Fixed(2))], [Spec("y", Batch, TensorDimension.Fixed(2))], [Node("Reshape", ["x", "s"], ["y"])], new() { ["s"] = OnnxTensor.Of([1L, 2], 2) });
        var model = await host.LoadAsync(TestModels.Package(folder, onnx));
        Assert.Contains("A trial of 1 and of 3 rows failed", model.Layout.WhyWhole, StringComparison.Ordinal);
        var answer = await model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>([3, 4], 1, 2) });
        Assert.Equal([3f, 4], answer.Tensor("y").Elements<float>().ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public async Task A_width_that_depends_on_the_numbers_is_no_row_of_a_batch(int rows)
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();

        // One element more than there are numbers other than zero.
        var first = rows == 0 ? Any : TensorDimension.Fixed(rows);
        var onnx = TestModels.Of(
            [Spec("x", first, TensorDimension.Fixed(4))],
            [Spec("y", first, Any)],
            [Node("NonZero", ["x"], ["nz"]), Node("Cast", ["nz"], ["nf"], ("to", 1L)), Node("Slice", ["nf", "z", "o"], ["row"]), Node("Concat", ["c", "row"], ["y"], ("axis", 1L))],
            new() { ["z"] = OnnxTensor.Of([0L], 1), ["o"] = OnnxTensor.Of([1L], 1), ["c"] = OnnxTensor.Of([7f], 1, 1) });
        var model = await host.LoadAsync(TestModels.Package(folder, onnx));
        Assert.False(model.Layout.IsBatched);
        var answer = await model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>([1, 0, 2, 0], 1, 4) });
        Assert.Equal("float32[1, 3]", answer.Tensor("y").ToString());
    }

    [Theory]
    [InlineData(26, "batch")]
    [InlineData(27, "")]
    [InlineData(28, "")]
    public async Task Rows_too_large_for_a_batch_are_an_error_before_any_is_made(int log2, string symbol)
    {
        var row = TensorDimension.Fixed(1L << log2);
        var batch = TensorDimension.Free(symbol);
        var onnx = TestModels.Of([Spec("large", batch, row)], [Spec("y", batch, row)], [Node("Add", ["large", "c"], ["y"])], new() { ["c"] = OnnxTensor.Of([1f], 1) });
        foreach (var runtime in (IModelRuntime[])[RuntimeChoice.Auto, RuntimeChoice.OnnxRuntime, RuntimeChoice.Edge])
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var error = Assert.Throws<MlpException>(() => runtime.Prepare(TestModels.File(onnx), new PrepareOptions()));
            Assert.Equal(ErrorCodes.LimitReached, error.Code);
            Assert.Contains($"large: float32[rows, {1L << log2}] takes {64L << (log2 + 2)} bytes", error.Message, StringComparison.Ordinal);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 << 20);
        }

        // With the batches that its options leave it, such a model runs a call at a time.
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, onnx));
        Assert.Contains("too large for a trial", model.Layout.WhyWhole, StringComparison.Ordinal);
    }

    private static OnnxModel SoftmaxOverRows(TensorDimension rows) => TestModels.Of([Spec("x", rows, TensorDimension.Fixed(2))], [Spec("y", rows, TensorDimension.Fixed(2))], [Node("Softmax", ["x"], ["y"], ("axis", 0L))]);

    private static float[] SoftmaxOfColumns(float[] x)
    {
        var y = new float[x.Length];
        for (var i = 0; i < x.Length; i++)
        {
            var sum = 0.0;
            for (var j = i % 2; j < x.Length; j += 2)
            {
                sum += Math.Exp(x[j]);
            }

            y[i] = (float)(Math.Exp(x[i]) / sum);
        }

        return y;
    }

    private static void AssertClose(float[] expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-5f);
        }
    }

    private static IPreparedModel Prepare(OnnxModel model) => RuntimeChoice.OnnxRuntime.Prepare(TestModels.File(model), new PrepareOptions());

    private static TensorSpec Spec(string name, params ReadOnlySpan<TensorDimension> shape) => new(name, ElementType.Float32, shape);

    private static OnnxNode Node(string type, string[] inputs, string[] outputs, params (string Name, OnnxAttribute Value)[] attributes) =>
        new() { OpType = type, Inputs = inputs, Outputs = outputs, Attributes = attributes.ToDictionary(a => a.Name, a => a.Value) };
}
