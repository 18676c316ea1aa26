using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Runtimes;

/// <summary>Models whose values are no rows.</summary>
public class WholeCallTests
{
    private static readonly TensorDimension Any = TensorDimension.Free("");

    [Fact]
    public async Task Dynamic_dimensions_and_scalars_run_a_call_at_a_time()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Of(
            [new TensorSpec("x", ElementType.Float64, Any, Any), new TensorSpec("s", ElementType.Float64)],
            [new TensorSpec("y", ElementType.Float64, Any, Any), new TensorSpec("shape", ElementType.Int64, TensorDimension.Fixed(2))],
            [new OnnxNode { OpType = "Mul", Inputs = ["x", "s"], Outputs = ["y"] }, new OnnxNode { OpType = "Shape", Inputs = ["x"], Outputs = ["shape"] }])));
        Assert.False(model.Layout.IsBatched);
        await Task.WhenAll(Enumerable.Range(1, 40).Select(async n =>
        {
            var x = Enumerable.Range(0, n * 2).Select(i => i + (n / 100.0)).ToArray();
            var answer = await model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<double>(x, 2, n), ["s"] = TensorValue.Of<double>([n]) });
            Assert.Equal(x.Select(v => v * n), answer.Tensor("y").Elements<double>().ToArray());
            Assert.Equal([2L, n], answer.Tensor("shape").Elements<long>().ToArray());
            Assert.Equal(model.Version.Version, answer.Version);
        }));
    }

    [Fact]
    public async Task Sequences_go_in_and_out()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var form = ValueForm.Sequence(ValueForm.Tensor(ElementType.Float32));
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Of(
            [new TensorSpec("s", form), new TensorSpec("x", ElementType.Float32, Any)],
            [new TensorSpec("t", form), new TensorSpec("joined", ElementType.Float32, Any)],
            [
                new OnnxNode { OpType = "SequenceInsert", Inputs = ["s", "x"], Outputs = ["t"] },
                new OnnxNode { OpType = "ConcatFromSequence", Inputs = ["t"], Outputs = ["joined"], Attributes = new Dictionary<string, OnnxAttribute> { ["axis"] = 0L } },
            ])));
        var given = new SequenceValue([TensorValue.Of<float>([1, 2], 2), TensorValue.Of<float>([3], 1)], ValueForm.Tensor(ElementType.Float32));
        for (var repeat = 0; repeat < 3; repeat++)
        {
            var answer = await model.RunAsync(new Dictionary<string, ModelValue> { ["s"] = given, ["x"] = TensorValue.Of<float>([4, 5, 6], 3) });
            Assert.Equal([1f, 2, 3, 4, 5, 6], answer.Tensor("joined").Elements<float>().ToArray());
            var sequence = Assert.IsType<SequenceValue>(answer["t"]);
            Assert.Equal(["float32[2]", "float32[1]", "float32[3]"], sequence.Items.Select(item => item.ToString()));
        }
    }

    [Fact]
    public async Task Maps_go_in()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Of(
            [new TensorSpec("m", ValueForm.Map(ElementType.String, ValueForm.Tensor(ElementType.Float32)))],
            [new TensorSpec("y", ElementType.Float32, TensorDimension.Fixed(1), TensorDimension.Fixed(3))],
            [new OnnxNode { OpType = "DictVectorizer", Domain = "ai.onnx.ml", Inputs = ["m"], Outputs = ["y"], Attributes = new Dictionary<string, OnnxAttribute> { ["string_vocabulary"] = new[] { "a", "b", "c" } } }])));
        var map = new MapValue(new TensorValue(["c", "a"], 2), TensorValue.Of<float>([3, 1], 2));
        var answer = await model.RunAsync(new Dictionary<string, ModelValue> { ["m"] = map });
        Assert.Equal([1f, 0, 3], answer.Tensor("y").Elements<float>().ToArray());
    }

    [Fact]
    public async Task Constants_of_strings_are_kept()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Of(
            [new TensorSpec("x", ElementType.Float32, Any, Any)],
            [new TensorSpec("names", ElementType.String, TensorDimension.Fixed(2)), new TensorSpec("y", ElementType.Float32, Any, Any)],
            [new OnnxNode { OpType = "Identity", Inputs = ["c"], Outputs = ["names"] }, new OnnxNode { OpType = "Neg", Inputs = ["x"], Outputs = ["y"] }],
            new() { ["c"] = OnnxTensor.Of(["ä", "b"], 2) })));
        var answer = await model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>([1, 2, 3, 4], 2, 2) });
        Assert.Equal(["ä", "b"], answer.Tensor("names").Texts);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Maps_come_out(bool texts)
    {
        var maps = TestModels.MapsClasses(texts);
        using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(maps.Write());
        using var input = Microsoft.ML.OnnxRuntime.OrtValue.CreateTensorValueFromMemory(new float[] { 1, 2, 3, 4 }, [2, 2]);
        using var options = new Microsoft.ML.OnnxRuntime.RunOptions();
        using var outputs = session.Run(options, ["x"], [input], ["probabilities"]);
        var form = maps.Graph.Outputs[1].Tensor!.Form!;
        var rows = Assert.IsType<SequenceValue>(OnnxValues.Read(outputs[0], form));
        Assert.Equal(form, rows.Form);
        Assert.Equal(2, rows.Items.Count);
        foreach (var row in rows.Items.Cast<MapValue>())
        {
            var keys = texts ? row.Keys.Texts : [.. row.Keys.Elements<long>().ToArray().Select(k => $"{k}")];
            Assert.Equal(texts ? ["früh", "late", "on time"] : ["-3", "11", "7"], keys.Order(StringComparer.Ordinal));
            Assert.Equal(1, row.Values.Elements<float>().ToArray().Sum(), 5);
        }
    }

    [Fact]
    public async Task What_does_not_fit_is_an_error_that_says_what_was_expected_and_the_next_call_is_answered()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Of(
            [new TensorSpec("a", ElementType.Float32, Any, Any), new TensorSpec("b", ElementType.Float32, Any, Any)],
            [new TensorSpec("y", ElementType.Float32, Any, Any)],
            [new OnnxNode { OpType = "MatMul", Inputs = ["a", "b"], Outputs = ["y"] }])));
        var fine = TensorValue.Of<float>([1, 2, 3, 4], 2, 2);
        foreach (var (given, expected) in new (Dictionary<string, ModelValue>, string)[]
        {
            (new() { ["a"] = fine }, "'b' is missing"),
            (new() { ["a"] = fine, ["b"] = fine, ["c"] = fine }, "no input 'c'"),
            (new() { ["a"] = fine, ["b"] = TensorValue.Of<double>([1], 1, 1) }, "expected tensor(float32)"),
            (new() { ["a"] = fine, ["b"] = TensorValue.Of<float>([1], 1) }, "expected b: float32[?, ?]"),
            (new() { ["a"] = fine, ["b"] = new SequenceValue([fine], fine.Form) }, "sequence(tensor(float32))"),
        })
        {
            var error = await Assert.ThrowsAsync<MlpException>(() => model.RunAsync(given).AsTask());
            Assert.Equal(ErrorCodes.TensorMismatch, error.Code);
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }

        var failed = await Assert.ThrowsAsync<MlpException>(() => model.RunAsync(new Dictionary<string, ModelValue> { ["a"] = fine, ["b"] = TensorValue.Of<float>([1, 2, 3], 3, 1) }).AsTask());
        Assert.Equal(InferenceErrors.ExecutionFailed, failed.Code);
        var answer = await model.RunAsync(new Dictionary<string, ModelValue> { ["a"] = fine, ["b"] = fine });
        Assert.Equal([7f, 10, 15, 22], answer.Tensor("y").Elements<float>().ToArray());
        var rows = await Assert.ThrowsAsync<MlpException>(() => model.PredictAsync([1, 2], new float[1]).AsTask());
        Assert.Equal(InferenceErrors.Unsupported, rows.Code);
        Assert.Contains("RunAsync", rows.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorCodes.TensorMismatch, Assert.Throws<MlpException>(() => TensorValue.Of<float>([1, 2], long.MaxValue, 4)).Code);
    }

    [Fact]
    public async Task A_first_dimension_that_the_file_fixes_is_checked_before_a_run()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var two = TensorDimension.Fixed(2);
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Of(
            [new TensorSpec("a", ElementType.Float32, two, two), new TensorSpec("b", ElementType.Float32, Any, two)],
            [new TensorSpec("y", ElementType.Float32, two, two)],
            [new OnnxNode { OpType = "Neg", Inputs = ["a"], Outputs = ["y"] }, new OnnxNode { OpType = "Neg", Inputs = ["b"], Outputs = ["unused"] }])));
        Assert.False(model.Layout.IsBatched);
        var b = TensorValue.Of<float>(new float[2], 1, 2);
        var error = await Assert.ThrowsAsync<MlpException>(() => model.RunAsync(new Dictionary<string, ModelValue> { ["a"] = TensorValue.Of<float>(new float[6], 3, 2), ["b"] = b }).AsTask());
        Assert.Equal(ErrorCodes.TensorMismatch, error.Code);
        Assert.Contains("expected a: float32[2, 2]", error.Message, StringComparison.Ordinal);
        await model.RunAsync(new Dictionary<string, ModelValue> { ["a"] = TensorValue.Of<float>(new float[4], 2, 2), ["b"] = b });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_input_without_a_shape_in_its_file_takes_any_number_of_dimensions(bool statedAsScalar)
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var onnx = TestModels.Of([TensorSpec.OfAnyShape("x", ElementType.Float32)], [TensorSpec.OfAnyShape("y", ElementType.Float32)], [new OnnxNode { OpType = "Neg", Inputs = ["x"], Outputs = ["y"] }]);
        Assert.Equal("x: float32[...]", OnnxModel.Read(onnx.Write()).Signature().Inputs[0].ToString());

        // As older packages state such a value.
        var stated = statedAsScalar ? new ModelSignature([new TensorSpec("x", ElementType.Float32)], [new TensorSpec("y", ElementType.Float32)]) : onnx.Signature();
        var package = new PackageBuilder().Add("model.onnx", onnx.Write()).Write(Path.Combine(folder.Path, "any"), new PackageManifest { Name = "any", Signature = stated });
        var model = await host.LoadAsync(package);
        Assert.Contains("no shape in its file", model.Layout.WhyWhole, StringComparison.Ordinal);
        foreach (var shape in (long[][])[[], [1], [1, 1], [1, 1, 1]])
        {
            var answer = await model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>([3], shape) });
            Assert.Equal(shape, answer.Tensor("y").Shape.ToArray());
            Assert.Equal(-3, answer.Tensor("y").Elements<float>()[0]);
        }
    }

    [Fact]
    public async Task A_form_that_the_runtime_does_not_take_keeps_its_code()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var form = ValueForm.Tensor(ElementType.Float32);
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Of(
            [new TensorSpec("o", ValueForm.Optional(form))],
            [new TensorSpec("y", ElementType.Bool)],
            [new OnnxNode { OpType = "OptionalHasElement", Inputs = ["o"], Outputs = ["y"] }])));
        var error = await Assert.ThrowsAsync<MlpException>(() => model.RunAsync(new Dictionary<string, ModelValue> { ["o"] = new NoValue(form) }).AsTask());
        Assert.Equal(InferenceErrors.Unsupported, error.Code);
        Assert.Contains("'model' failed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Edge_says_that_it_runs_rows_only_and_who_runs_calls()
    {
        var error = Assert.Throws<MlpException>(() => RuntimeChoice.Edge.Prepare(
            TestModels.File(TestModels.Of(
                [new TensorSpec("x", ElementType.Float32, Any, Any)],
                [new TensorSpec("y", ElementType.Float32, Any, Any)],
                [new OnnxNode { OpType = "Neg", Inputs = ["x"], Outputs = ["y"] }])),
            new PrepareOptions()));
        Assert.Equal(InferenceErrors.Unsupported, error.Code);
        Assert.Contains("RuntimeChoice.OnnxRuntime", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("RunAsync", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_or_late_or_one_too_many_or_after_an_unload_ends_like_a_row()
    {
        using var folder = new TemporaryFolder();
        using var gate = new Gate();
        var time = new ManualTime();
        await using var host = new ModelHost(new ModelHostOptions { TimeProvider = time });
        var onnx = TestModels.Of(
            [new TensorSpec("x", ElementType.Float32, Any, Any)],
            [new TensorSpec("y", ElementType.Float32, Any, Any)],
            [new OnnxNode { OpType = "Neg", Inputs = ["x"], Outputs = ["y"] }]);
        var model = await host.LoadAsync(TestModels.Package(folder, onnx), new HostedModelOptions
        {
            Runtime = new Gated(RuntimeChoice.OnnxRuntime, gate),
            Batching = new BatchingOptions { Instances = 1, QueueRowsMax = 2 },
        });
        var inputs = new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>([1], 1, 1) };
        using var cancel = new CancellationTokenSource();
        var running = model.RunAsync(inputs).AsTask();
        gate.AwaitArrival();
        var late = model.RunAsync(inputs, new RequestOptions { Deadline = TimeSpan.FromMilliseconds(100) }).AsTask();
        var canceled = model.RunAsync(inputs, cancellationToken: cancel.Token).AsTask();
        Assert.Equal(InferenceErrors.Overloaded, (await Assert.ThrowsAsync<MlpException>(() => model.RunAsync(inputs).AsTask())).Code);
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => canceled);
        time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal(InferenceErrors.DeadlineExceeded, (await Assert.ThrowsAsync<MlpException>(() => late)).Code);
        gate.Open();
        var answer = await running;
        Assert.Equal([-1f], answer.Tensor("y").Elements<float>().ToArray());
        await host.UnloadAsync("model");
        Assert.Equal(InferenceErrors.Closed, (await Assert.ThrowsAsync<MlpException>(() => model.RunAsync(inputs).AsTask())).Code);
    }

    [Fact]
    public async Task Versions_of_a_model_of_whole_calls_are_swapped_under_load()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        OnnxModel Adds(float constant) => TestModels.Of(
            [new TensorSpec("x", ElementType.Float32, Any, Any)],
            [new TensorSpec("y", ElementType.Float32, Any, Any)],
            [new OnnxNode { OpType = "Add", Inputs = ["x", "c"], Outputs = ["y"] }],
            new() { ["c"] = OnnxTensor.Of([constant], 1) });
        var model = await host.LoadAsync(TestModels.Package(folder, Adds(0)), new HostedModelOptions { Version = "0" });
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            var answered = 0;
            do
            {
                var answer = await model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>([i], 1, 1) });
                Assert.Equal(i + (100 * float.Parse(answer.Version, System.Globalization.CultureInfo.InvariantCulture)), answer.Tensor("y").Elements<float>()[0]);
                answered++;
            }
            while (!stop.IsCancellationRequested);
            return answered;
        })).ToArray();
        for (var v = 1; v <= 5; v++)
        {
            await host.LoadAsync(TestModels.Package(folder, Adds(100 * v)), new HostedModelOptions { Version = v.ToString(System.Globalization.CultureInfo.InvariantCulture) });
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(callers), answered => Assert.True(answered > 0));
    }

    /// <summary>A runtime whose runs wait at a gate.</summary>
    private sealed class Gated(IModelRuntime inner, Gate gate) : IModelRuntime
    {
        public string Name => inner.Name;

        public IPreparedModel Prepare(ModelFile file, PrepareOptions options) => new Model(inner.Prepare(file, options), gate);

        private sealed class Model(IPreparedModel inner, Gate gate) : IPreparedModel
        {
            public string Runtime => inner.Runtime;

            public string Reason => inner.Reason;

            public ModelLayout Layout => inner.Layout;

            public IReadOnlyList<int> BatchSizes(int rowsMax) => inner.BatchSizes(rowsMax);

            public ModelMemory CreateMemory(int rowsMax) => inner.CreateMemory(rowsMax);

            public IModelSession CreateSession(int rowsMax) => new Session(inner.CreateSession(rowsMax), gate);

            public void Dispose() => inner.Dispose();
        }

        private sealed class Session(IModelSession inner, Gate gate) : IModelSession
        {
            public void Run(ModelMemory memory, int rows)
            {
                gate.Pass();
                inner.Run(memory, rows);
            }

            public void Dispose() => inner.Dispose();
        }
    }
}
