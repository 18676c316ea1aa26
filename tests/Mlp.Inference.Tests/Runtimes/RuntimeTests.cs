using System.Runtime.InteropServices;
using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Runtimes;

public class RuntimeTests
{
    [Fact]
    public void Both_runtimes_give_the_same_answers_for_trees_in_every_batch_size()
    {
        var file = TestModels.File(TestModels.Trees(1, features: 9, trees: 60, depth: 6));
        using var edge = RuntimeChoice.Edge.Prepare(file, new PrepareOptions());
        using var onnx = RuntimeChoice.OnnxRuntime.Prepare(file, new PrepareOptions());
        using var a = new Runner(edge, 70);
        using var b = new Runner(onnx, 70);
        for (var rows = 1; rows <= 70; rows++)
        {
            var input = TestModels.Floats(new Random(rows), rows * 9, 120);
            var expected = b.Run(input, rows, 1);
            var actual = a.Run(input, rows, 1);
            for (var i = 0; i < expected.Length; i++)
            {
                Assert.True(MathF.Abs(expected[i] - actual[i]) < 1e-5f, $"{rows} rows, element {i}: {expected[i]} and {actual[i]}");
            }

            Assert.Equal(b.Labels(rows), a.Labels(rows));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(64)]
    [InlineData(100)]
    public void Every_number_of_rows_runs_as_a_size_that_is_bound(int rowsMax)
    {
        var file = TestModels.File(TestModels.Net(3, 5, 7, 2));
        using var onnx = RuntimeChoice.OnnxRuntime.Prepare(file, new PrepareOptions());
        var sizes = onnx.BatchSizes(rowsMax);
        Assert.Equal(rowsMax, sizes[^1]);
        Assert.Equal(1, sizes[0]);
        Assert.Equal(sizes.Order().Distinct(), sizes);
        using var runner = new Runner(onnx, rowsMax);
        using var single = new Runner(onnx, 1);
        var input = TestModels.Floats(new Random(5), rowsMax * 5);
        for (var rows = 1; rows <= rowsMax; rows++)
        {
            Assert.True(sizes.First(s => s >= rows) <= rows * 1.125, $"{rows} rows run as {sizes.First(s => s >= rows)}");
            var all = runner.Run(input.AsSpan(0, rows * 5), rows, 0);
            for (var r = Math.Max(0, rows - 2); r < rows; r++)
            {
                var one = single.Run(input.AsSpan(r * 5, 5), 1, 0);
                Assert.True(MathF.Abs(all[2 * r] - one[0]) < 1e-5f && MathF.Abs(all[(2 * r) + 1] - one[1]) < 1e-5f);
            }
        }
    }

    [Fact]
    public void Auto_says_what_it_measured_and_that_the_answers_agree()
    {
        using var model = RuntimeChoice.Auto.Prepare(TestModels.File(TestModels.Trees(2, 6, 40, 5)), new PrepareOptions { RowsMax = 16 });
        Assert.Contains(model.Runtime, new[] { "Mlp.Edge", "ONNX Runtime" });
        Assert.Contains("ns a row", model.Reason, StringComparison.Ordinal);
        Assert.Contains("agree within", model.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Auto_takes_the_runtime_that_has_the_operators_and_says_which_one_is_missing()
    {
        using var model = RuntimeChoice.Auto.Prepare(TestModels.File(TestModels.ErrorFunctions()), new PrepareOptions());
        Assert.Equal("ONNX Runtime", model.Runtime);
        Assert.Contains("Erf", model.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Auto_compares_trees_with_sets_on_categories_and_leaves_texts_and_doubles_to_onnx_runtime()
    {
        var sets = new TreeEnsembleBuilder(2).BeginTree().Member(1, [1ul << 40, 7], 1, 2).Leaf(1).Leaf(2);
        using var compared = RuntimeChoice.Auto.Prepare(TestModels.File(TreeEnsembleOnnx.Regressor(sets.Build())), new PrepareOptions());
        Assert.Contains("their answers agree", compared.Reason, StringComparison.Ordinal);

        var rows = SampleRows.MadeFrom(TestModels.File(TreeEnsembleOnnx.Regressor(sets.Build())), 32);
        Assert.Equal([40f, 128], rows.Where((_, i) => i % 2 == 1).Distinct().Order());

        var texts = new TreeEnsembleBuilder(1).BeginTree().Leaf(1).Build(new EnsembleOutput { LabelTexts = ["no", "yes"] });
        using var labelled = RuntimeChoice.Auto.Prepare(TestModels.File(TreeEnsembleOnnx.Classifier(texts)), new PrepareOptions());
        Assert.Equal("ONNX Runtime", labelled.Runtime);

        var doubles = new TreeEnsembleBuilder(1, 1, ElementType.Float64, ElementType.Float64).BeginTree().Leaf(1).Build();
        using var wide = RuntimeChoice.Auto.Prepare(TestModels.File(TreeEnsembleOnnx.Regressor(doubles)), new PrepareOptions());
        Assert.Equal("ONNX Runtime", wide.Runtime);
    }

    [Fact]
    public void Auto_keeps_to_onnx_runtime_where_the_answers_differ_and_says_where()
    {
        var auto = new AutoRuntime(new Instead(RuntimeChoice.Edge, TestModels.File(TestModels.Adds(2, 1.5f))), RuntimeChoice.OnnxRuntime);
        using var model = auto.Prepare(TestModels.File(TestModels.Adds(2, 1)), new PrepareOptions());
        Assert.Equal("ONNX Runtime", model.Runtime);
        Assert.Contains("disagree: output 'y', element 0", model.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Sample_rows_made_from_trees_lie_about_their_thresholds()
    {
        var builder = new TreeEnsembleBuilder(2);
        builder.BeginTree().Branch(NodeMode.LessOrEqual, 1, 1_000_000, 1, 2).Leaf(1).Leaf(2);
        var rows = SampleRows.MadeFrom(TestModels.File(TreeEnsembleOnnx.Regressor(builder.Build())), 32);
        Assert.Equal(64, rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            Assert.True(i % 2 == 1 ? rows[i] is >= 1_000_000 and < 1_000_001 : MathF.Abs(rows[i]) <= 2);
        }

        Assert.Contains(rows, x => x == 1_000_000);
        Assert.Contains(rows, x => x > 1_000_000);
    }

    [Fact]
    public async Task Several_inputs_are_one_row_one_after_another()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Concatenates()));
        var output = new float[5];
        await model.PredictAsync([1, 2, 3, 4, 5], output);
        Assert.Equal([1f, 2, 3, 4, 5], output);
        var outputs = new float[500];
        var rows = Enumerable.Range(0, 500).Select(i => (float)i).ToArray();
        await model.PredictManyAsync(rows, outputs);
        Assert.Equal(rows, outputs);
    }

    [Fact]
    public void Every_truncation_and_many_corruptions_of_a_model_are_typed_errors()
    {
        var bytes = TestModels.Net(4, 3, 4, 1).Write();
        var random = new Random(11);
        for (var i = 0; i < 400; i++)
        {
            var damaged = i < bytes.Length && i % 2 == 0 ? bytes[..(bytes.Length - 1 - i)] : [.. bytes];
            if (damaged.Length == bytes.Length)
            {
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            }

            try
            {
                var file = ModelFile.Of(damaged, "damaged.onnx");
                RuntimeChoice.OnnxRuntime.Prepare(file, new PrepareOptions()).Dispose();
                RuntimeChoice.Edge.Prepare(file, new PrepareOptions()).Dispose();
            }
            catch (MlpException e)
            {
                Assert.NotEmpty(e.Code);
            }
        }

        var truncated = Assert.Throws<MlpException>(() => ModelFile.Of(bytes[..(bytes.Length / 2)], "half.onnx"));
        Assert.Equal(ErrorCodes.ModelInvalid, truncated.Code);
        Assert.Contains("half.onnx", truncated.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_rows_says_why_and_what_would_give_it_some()
    {
        TensorDimension batch = TensorDimension.Free("batch"), two = TensorDimension.Fixed(2);
        var fine = new TensorSpec("t", ElementType.Float32, batch, two);
        foreach (var (spec, why) in new[]
        {
            (new TensorSpec("t", ElementType.Float32, two, two), "rows, the values before it"),
            (new TensorSpec("t", ElementType.Float32), "no dimension for a batch"),
            (new TensorSpec("t", ElementType.Float32, batch, TensorDimension.Fixed(0)), "an empty dimension"),
            (new TensorSpec("t", ElementType.Float32, batch, TensorDimension.Fixed(1L << 40)), "larger than an array can be"),
            (new TensorSpec("t", ElementType.Float64, batch, TensorDimension.Fixed(1 << 30)), "larger than an array can be"),
            (new TensorSpec("t", ValueForm.Sequence(ValueForm.Tensor(ElementType.Float32))), "is no tensor"),
        })
        {
            var other = new TensorSpec("o", ElementType.Float32, batch, two);
            foreach (var signature in new[] { new ModelSignature([other, spec], [fine]), new ModelSignature([fine], [other, spec]) })
            {
                var layout = ModelLayout.Of(signature);
                Assert.False(layout.IsBatched);
                Assert.Contains(spec.ToString(), layout.WhyWhole, StringComparison.Ordinal);
                Assert.Contains(why, layout.WhyWhole, StringComparison.Ordinal);
                Assert.Equal(InferenceErrors.Unsupported, Assert.Throws<MlpException>(() => new TensorRows(layout, 1)).Code);
            }
        }

        var free = new TensorSpec("t", ElementType.Float32, batch, TensorDimension.Free("length"));
        Assert.Contains("RowShapes", ModelLayout.Of(new ModelSignature([free], [fine])).WhyWhole, StringComparison.Ordinal);
        Assert.True(ModelLayout.Of(new ModelSignature([free], [fine]), new Dictionary<string, int[]> { ["t"] = [7] }).IsBatched);
        Assert.False(ModelLayout.Of(new ModelSignature([], [fine])).IsBatched);
        foreach (var (name, shape) in new (string, int[])[] { ("t", [7, 1]), ("t", []), ("t", [-1]), ("u", [7]) })
        {
            Assert.Equal(ErrorCodes.TensorMismatch, Assert.Throws<MlpException>(() => ModelLayout.Of(new ModelSignature([free], [fine]), new Dictionary<string, int[]> { [name] = shape })).Code);
        }
    }

    [Fact]
    public void An_operator_that_no_runtime_has_is_an_error_that_names_it_and_both_runtimes()
    {
        var file = TestModels.File(TestModels.Of(
            [new TensorSpec("x", ElementType.Float32, TensorDimension.Free("n"), TensorDimension.Fixed(2))],
            [new TensorSpec("y", ElementType.Float32, TensorDimension.Free("n"), TensorDimension.Fixed(2))],
            [new OnnxNode { OpType = "Frobnicate", Inputs = ["x"], Outputs = ["y"] }]));
        foreach (var (runtime, names) in new[] { (RuntimeChoice.Edge, new[] { "Frobnicate" }), (RuntimeChoice.OnnxRuntime, ["Frobnicate"]), (RuntimeChoice.Auto, ["Frobnicate", "Mlp.Edge", "ONNX Runtime"]) })
        {
            var error = Assert.Throws<MlpException>(() => runtime.Prepare(file, new PrepareOptions()));
            Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
            Assert.All(names, name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Not_a_number_is_a_value_like_any_other_and_stays_in_its_own_row(bool onEdge)
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Net(7, 4, 8, 2)), new HostedModelOptions { Runtime = onEdge ? RuntimeChoice.Edge : RuntimeChoice.OnnxRuntime });
        var rows = TestModels.Floats(new Random(2), 4 * 64);
        var (plain, spoiled) = (new float[2 * 64], new float[2 * 64]);
        await model.PredictManyAsync(rows, plain);
        for (var r = 1; r < 64; r += 5)
        {
            rows[(4 * r) + 2] = r % 2 == 0 ? float.NaN : float.PositiveInfinity;
        }

        await model.PredictManyAsync(rows, spoiled);
        for (var i = 0; i < plain.Length; i++)
        {
            if ((i / 2) % 5 == 1)
            {
                Assert.False(float.IsFinite(spoiled[i]) && spoiled[i] == plain[i]);
            }
            else
            {
                Assert.Equal(plain[i], spoiled[i]);
            }
        }
    }

    [Fact]
    public async Task No_rows_at_all_are_an_error_in_every_call()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(2, 1)));
        Assert.Equal(ErrorCodes.TensorMismatch, (await Assert.ThrowsAsync<MlpException>(() => model.PredictManyAsync(ReadOnlyMemory<float>.Empty, Memory<float>.Empty).AsTask())).Code);
        Assert.Equal(ErrorCodes.TensorMismatch, Assert.Throws<MlpException>(() => model.PredictMany([], [])).Code);
        Assert.Equal(ErrorCodes.TensorMismatch, (await Assert.ThrowsAsync<MlpException>(() => model.PredictAsync([], new float[2]).AsTask())).Code);
        Assert.Throws<ArgumentOutOfRangeException>(() => new TensorRows(model.Layout, 0));
        var none = new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>([], 0, 2) };
        Assert.Equal(ErrorCodes.TensorMismatch, (await Assert.ThrowsAsync<MlpException>(() => model.RunAsync(none).AsTask())).Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(100)]
    public void A_file_of_fixed_rows_is_compared_on_as_many(int rows)
    {
        var fixedRows = TensorDimension.Fixed(rows);
        using var model = RuntimeChoice.Auto.Prepare(
            TestModels.File(TestModels.Of(
                [new TensorSpec("x", ElementType.Float32, fixedRows, TensorDimension.Fixed(2))],
                [new TensorSpec("y", ElementType.Float32, fixedRows, TensorDimension.Fixed(2))],
                [new OnnxNode { OpType = "Add", Inputs = ["x", "c"], Outputs = ["y"] }],
                new() { ["c"] = OnnxTensor.Of([1f], 1) })),
            new PrepareOptions());
        Assert.StartsWith($"At {Math.Min(rows, 64)} rows a batch", model.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_native_library_is_an_error_that_names_the_package()
    {
        using var context = new WithoutNativeLibraries();
        var (code, message) = context.PrepareWithOnnxRuntime(TestModels.Identity(2).Write());
        Assert.Equal(InferenceErrors.RuntimeMissing, code);
        Assert.Contains("Microsoft.ML.OnnxRuntime", message, StringComparison.Ordinal);
    }

    /// <summary>A runtime that runs another model than it is given.</summary>
    private sealed class Instead(IModelRuntime runtime, ModelFile other) : IModelRuntime
    {
        public string Name => runtime.Name;

        public IPreparedModel Prepare(ModelFile file, PrepareOptions options) => runtime.Prepare(other, options);
    }

    private sealed class Runner(IPreparedModel model, int rowsMax) : IDisposable
    {
        private readonly ModelMemory _memory = model.CreateMemory(rowsMax);
        private readonly IModelSession _session = model.CreateSession(rowsMax);

        public float[] Run(ReadOnlySpan<float> input, int rows, int output)
        {
            input.CopyTo(_memory.InputRows(0, 0, rows));
            _session.Run(_memory, rows);
            return MemoryMarshal.Cast<byte, float>(_memory.OutputRows(output, 0, rows)).ToArray();
        }

        public long[] Labels(int rows) => MemoryMarshal.Cast<byte, long>(_memory.OutputRows(0, 0, rows)).ToArray();

        public void Dispose()
        {
            _session.Dispose();
            _memory.Dispose();
        }
    }
}
