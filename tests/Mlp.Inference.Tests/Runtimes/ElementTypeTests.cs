using System.Runtime.InteropServices;
using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Runtimes;

public class ElementTypeTests
{
    private static readonly TensorDimension Batch = TensorDimension.Free("batch");

    public static readonly TheoryData<ElementType> Types = [.. Enum.GetValues<ElementType>().Where(t => t is not (ElementType.Undefined or ElementType.String))];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Rows_of_every_element_type_and_rank_are_batched_bit_for_bit(ElementType type)
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        foreach (var shape in new int[][] { [], [3], [2, 3], [2, 3, 4] })
        {
            var model = await LoadAsync(host, folder, Reverses(type, shape));
            Assert.True(model.Layout.IsBatched);
            Assert.Equal(1 + shape.Length, model.Layout.Inputs[0].Rank);
            var bytes = model.Layout.Inputs[0].RowBytes;
            var requests = Enumerable.Range(0, 20).Select(async i =>
            {
                using var rows = new TensorRows(model.Layout, 1 + i);
                var (a, b) = (Random(type, rows.Rows * bytes, i), Random(type, rows.Rows * bytes, 1000 + i));
                a.CopyTo(rows.InputBytes(0));
                b.CopyTo(rows.InputBytes(1));
                await model.InferAsync(rows);
                Assert.Equal(b, rows.OutputBytes(0).ToArray());
                Assert.Equal(a, rows.OutputBytes(1).ToArray());
            });
            await Task.WhenAll(requests);
        }
    }

    [Fact]
    public async Task Strings_are_batched_and_each_caller_gets_its_own()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await LoadAsync(host, folder, Reverses(ElementType.String, [2]));
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            using var rows = new TensorRows(model.Layout, 1 + (i % 5));
            for (var t = 0; t < rows.InputTexts(0).Length; t++)
            {
                rows.InputTexts(0)[t] = i % 7 == 0 ? "" : $"Grüße {i}:{t} 好";
                rows.InputTexts(1)[t] = $"b{i}:{t}";
            }

            await model.InferAsync(rows);
            Assert.Equal(rows.InputTexts(1), rows.OutputTexts(0));
            Assert.Equal(rows.InputTexts(0), rows.OutputTexts(1));
        }));
    }

    [Fact]
    public async Task A_typed_view_of_another_type_is_an_error_that_names_both()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await LoadAsync(host, folder, Reverses(ElementType.Int32, [2]));
        using var rows = new TensorRows(model.Layout, 1);
        foreach (var wrong in new Action[] { () => rows.Input<float>(0), () => rows.Input(0), () => rows.InputTexts(0), () => rows.Output<long>(0), () => rows.OutputTexts(1) })
        {
            var error = Assert.Throws<MlpException>(wrong);
            Assert.Equal(ErrorCodes.TensorMismatch, error.Code);
            Assert.Contains("int32", error.Message, StringComparison.Ordinal);
        }

        rows.Input<int>(0).Fill(3);
        var output = new float[2];
        Assert.Equal(ErrorCodes.TensorMismatch, (await Assert.ThrowsAsync<MlpException>(() => model.PredictAsync(new float[4], output).AsTask())).Code);
        Assert.Equal(ErrorCodes.TensorMismatch, (await Assert.ThrowsAsync<MlpException>(() => model.PredictValueAsync(new float[4]).AsTask())).Code);
        Assert.Equal(ErrorCodes.TensorMismatch, (await Assert.ThrowsAsync<MlpException>(() => model.PredictManyAsync(new float[4], output).AsTask())).Code);
        Assert.Equal(ErrorCodes.TensorMismatch, Assert.Throws<MlpException>(() => model.Predict(new float[4], output)).Code);
        Assert.Equal(ErrorCodes.TensorMismatch, Assert.Throws<MlpException>(() => model.PredictMany(new float[4], output)).Code);
    }

    [Fact]
    public async Task A_file_that_fixes_its_rows_is_run_with_that_many_and_every_caller_is_answered()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        foreach (var fixedRows in new[] { 1, 4 })
        {
            var rows = TensorDimension.Fixed(fixedRows);
            var model = await LoadAsync(host, folder, TestModels.Of(
                [new TensorSpec("x", ElementType.Float32, rows, TensorDimension.Fixed(2))],
                [new TensorSpec("y", ElementType.Float32, rows, TensorDimension.Fixed(2))],
                [new OnnxNode { OpType = "Neg", Inputs = ["x"], Outputs = ["y"] }]));
            Assert.Equal(fixedRows, model.Layout.BatchRows);
            await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
            {
                var output = new float[2];
                await model.PredictAsync([i, i + 0.5f], output);
                Assert.Equal([-i, -i - 0.5f], output);
            }));
            var (many, outputs) = (Enumerable.Range(0, 26).Select(i => (float)i).ToArray(), new float[26]);
            model.PredictMany(many, outputs);
            Assert.Equal(many.Select(x => -x), outputs);
            await model.PredictManyAsync(many, outputs);
            Assert.Equal(many.Select(x => -x), outputs);
        }
    }

    [Fact]
    public async Task A_file_of_more_rows_than_a_batch_may_have_is_filled_by_many_callers_some_of_whom_give_up()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        foreach (var (fixedRows, most) in new[] { (4, 2), (100, 64) })
        {
            var rows = TensorDimension.Fixed(fixedRows);
            var onnx = TestModels.Of([new TensorSpec("x", ElementType.Float32, rows)], [new TensorSpec("y", ElementType.Float32, rows)], [new OnnxNode { OpType = "Neg", Inputs = ["x"], Outputs = ["y"] }]);
            var model = await host.LoadAsync(TestModels.Package(folder, onnx), new HostedModelOptions { Name = $"fixed {fixedRows}", Batching = new BatchingOptions { BatchRowsMax = most, QueueRowsMax = 8, Instances = 1 } });
            for (var round = 0; round < 50; round++)
            {
                using var cancel = new CancellationTokenSource();
                var callers = Enumerable.Range(0, 40).Select(async i =>
                {
                    try
                    {
                        return (float?)await model.PredictValueAsync([i], cancellationToken: i % 3 == 0 ? cancel.Token : default) == -i;
                    }
                    catch (OperationCanceledException)
                    {
                        return true;
                    }
                    catch (MlpException e) when (e.Code == InferenceErrors.Overloaded)
                    {
                        return true;
                    }
                }).ToArray();
                await cancel.CancelAsync();
                Assert.All(await Task.WhenAll(callers), Assert.True);
            }
        }
    }

    [Fact]
    public async Task Strings_are_let_go_when_their_batch_is_done()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await LoadAsync(host, folder, Reverses(ElementType.String, [1]));
        var kept = await SendAsync(model);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.All(kept, text => Assert.False(text.IsAlive));

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static async Task<WeakReference[]> SendAsync(HostedModel model)
        {
            var texts = Enumerable.Range(0, 8).Select(i => new string((char)('a' + i), 1000)).ToArray();
            var weak = texts.Select(text => new WeakReference(text)).ToArray();
            using (var rows = new TensorRows(model.Layout, 8))
            {
                texts.CopyTo(rows.InputTexts(0));
                await model.InferAsync(rows);
                Assert.Equal(texts, rows.OutputTexts(1));
            }

            // What compiled code keeps of a frame must not decide.
            Array.Clear(texts);
            return weak;
        }
    }

    [Fact]
    public async Task A_row_shape_fixes_free_dimensions_and_the_outputs_are_found_by_a_trial()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var any = TensorDimension.Free("");
        var package = TestModels.Package(folder, TestModels.Of(
            [new TensorSpec("x", ElementType.Float32, any, TensorDimension.Fixed(2), any)],
            [new TensorSpec("y", ElementType.Float32, any, any, any)],
            [new OnnxNode { OpType = "Concat", Inputs = ["x", "x"], Outputs = ["y"], Attributes = new Dictionary<string, OnnxAttribute> { ["axis"] = 2L } }]));
        var model = await host.LoadAsync(package, new HostedModelOptions { RowShapes = new Dictionary<string, int[]> { ["x"] = [2, 3] } });
        Assert.Equal([2, 6], model.Layout.Outputs[0].RowShape.ToArray());
        var output = new float[12];
        await model.PredictAsync([1, 2, 3, 4, 5, 6], output);
        Assert.Equal([1f, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6], output);
    }

    [Fact]
    public async Task An_output_without_a_row_for_each_row_makes_a_model_of_whole_calls()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await LoadAsync(host, folder, TestModels.Of(
            [new TensorSpec("x", ElementType.Float32, TensorDimension.Free("n"), TensorDimension.Fixed(2))],
            [new TensorSpec("y", ElementType.Float32, TensorDimension.Free("m"), TensorDimension.Fixed(2))],
            [new OnnxNode { OpType = "Concat", Inputs = ["x", "x"], Outputs = ["y"], Attributes = new Dictionary<string, OnnxAttribute> { ["axis"] = 0L } }]));
        Assert.Contains("not a row for each row", model.Layout.WhyWhole, StringComparison.Ordinal);
        var answer = await model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>([1, 2], 1, 2) });
        Assert.Equal([1f, 2, 1, 2], answer.Tensor("y").Elements<float>().ToArray());
    }

    [Fact]
    public async Task Large_rows_take_no_more_memory_than_the_batches_may_have()
    {
        foreach (var (width, instances, levels) in from w in new[] { 1, 100, 1 << 12, 1 << 16, 1 << 19 } from n in new[] { 1, 2, 32 } from l in new[] { 0, 3 } select (w, n, l))
        {
            var options = new BatchingOptions { BatchBytesMax = 64 << 20, Instances = instances, Levels = [.. Enumerable.Repeat(new PriorityLevel { QueueRowsMax = 500 }, levels)] };
            var layout = ModelLayout.Of(TestModels.Identity(width).Signature());
            var least = layout.RowBytes * (instances + (2 * Math.Max(1, levels)));
            Assert.InRange(options.MemoryBytes(layout), 1, Math.Max(options.BatchBytesMax, least));
            options.For(layout).Validate();
            Assert.True(options.For(layout).BulkRowsMax * layout.RowBytes * instances <= Math.Max(options.BatchBytesMax, layout.RowBytes * instances));
        }

        var small = new BatchingOptions().For(ModelLayout.Of(TestModels.Identity(8).Signature()));
        Assert.Equal((64, 1024, 256), (small.BatchRowsMax, small.QueueRowsMax, small.BulkRowsMax));
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Identity(1 << 20)), new HostedModelOptions { Runtime = RuntimeChoice.Edge, Batching = new BatchingOptions { Instances = 2, BatchBytesMax = 32 << 20 } });
        Assert.InRange(model.Version.MemoryBytes, 1, 40 << 20);
        var row = TestModels.Floats(new Random(1), 1 << 20);
        var answer = new float[row.Length];
        await model.PredictAsync(row, answer);
        Assert.Equal(row, answer);
    }

    private static Task<HostedModel> LoadAsync(ModelHost host, TemporaryFolder folder, OnnxModel model) =>
        host.LoadAsync(TestModels.Package(folder, model, Guid.NewGuid().ToString("N")));

    // Two inputs, and the outputs in the other order: a mix-up of tensors shows.
    private static OnnxModel Reverses(ElementType type, int[] shape)
    {
        TensorSpec Spec(string name) => new(name, type, [Batch, .. shape.Select(d => TensorDimension.Fixed(d))]);
        return TestModels.Of([Spec("a"), Spec("b")], [Spec("y"), Spec("z")], [new OnnxNode { OpType = "Identity", Inputs = ["b"], Outputs = ["y"] }, new OnnxNode { OpType = "Identity", Inputs = ["a"], Outputs = ["z"] }]);
    }

    private static byte[] Random(ElementType type, int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        foreach (ref var b in bytes.AsSpan())
        {
            b = type == ElementType.Bool ? (byte)(b & 1) : b;
        }

        return bytes;
    }
}
