using System.Runtime.CompilerServices;
using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Predictors;

public class PredictorTests
{
    private static readonly HostedModelOptions OnEdge = new() { Runtime = RuntimeChoice.Edge };

    [Fact]
    public async Task Blocks_of_columns_are_read_into_arrays_of_the_callers_own()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var predictor = new Predictor<TwoInputs, Blocks>(await host.LoadAsync(TestModels.Package(folder, TestModels.Concatenates())));
        var first = await predictor.PredictAsync(new TwoInputs { First = 1, Second = 2, B = new float[] { 3, 4, 5 } });
        var second = await predictor.PredictAsync(new TwoInputs { First = 6, Second = 7, B = new float[] { 8, 9, 10 } });
        Assert.Equal((1f, 5f), (first.First, first.Last[0]));
        Assert.Equal([2f, 3, 4], first.Middle.ToArray());
        Assert.Equal([7f, 8, 9], second.Middle.ToArray());
    }

    [Fact]
    public async Task Strings_and_numbers_share_a_row()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        TensorDimension batch = TensorDimension.Free("n"), one = TensorDimension.Fixed(1), two = TensorDimension.Fixed(2);
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Of(
            [new TensorSpec("a", ElementType.String, batch, one), new TensorSpec("n", ElementType.Int64, batch), new TensorSpec("b", ElementType.String, batch, two)],
            [new TensorSpec("first", ElementType.String, batch, one), new TensorSpec("rest", ElementType.String, batch, two), new TensorSpec("doubled", ElementType.Int64, batch)],
            [
                new OnnxNode { OpType = "Identity", Inputs = ["a"], Outputs = ["first"] },
                new OnnxNode { OpType = "Identity", Inputs = ["b"], Outputs = ["rest"] },
                new OnnxNode { OpType = "Add", Inputs = ["n", "n"], Outputs = ["doubled"] },
            ])));
        var predictor = new Predictor<Words, Spoken>(model);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async i => Assert.Equal(new Spoken($"ä{i}", $"c{i}", 2 * i), await predictor.PredictAsync(new Words($"ä{i}", i, [$"b{i}", $"c{i}"])))));
        Assert.Equal(new Spoken("x", "z", 14), predictor.Predict(new Words("x", 7, ["y", "z"])));
        var error = await Assert.ThrowsAsync<MlpException>(() => predictor.PredictAsync(new Words("x", 7, ["y"])).AsTask());
        Assert.Equal(ErrorCodes.TensorMismatch, error.Code);
    }

    [Fact]
    public async Task Every_call_gives_what_the_untyped_model_gives()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Trees(3, 3, 40, 5)), OnEdge with { Batching = new BatchingOptions { BatchRowsMax = 7, Instances = 2 } });
        var late = new Predictor<ThreeColumns, LateAnswer>(model);
        var whole = new Predictor<ThreeColumns, WholeAnswer>(model, new PredictorOptions { InFlightMax = 5, KeptCallsMax = 2 });
        var values = TestModels.Floats(new Random(4), 3 * 200, 120);
        var rows = values.Chunk(3).Select(v => new ThreeColumns(v[0], v[1], v[2])).ToArray();
        var expected = new float[400];
        model.PredictMany(values, expected);

        var many = await whole.PredictManyAsync(rows).ToArrayAsync();
        var streamed = await whole.PredictManyAsync(rows.ToAsyncEnumerable()).ToArrayAsync();
        for (var r = 0; r < rows.Length; r++)
        {
            var (no, yes) = (expected[2 * r], expected[(2 * r) + 1]);
            Assert.Equal(yes, late.Predict(in rows[r]).Late);
            Assert.Equal(yes, (await late.PredictAsync(in rows[r])).Late);
            var answer = new WholeAnswer(yes > 0.5f ? 1 : 0, yes) { No = no };
            Assert.Equal(answer, whole.Predict(in rows[r]));
            Assert.Equal(answer, many[r]);
            Assert.Equal(answer, streamed[r]);
        }

        Assert.Equal((200, 200), (many.Length, streamed.Length));
    }

    [Fact]
    public async Task Each_property_may_be_an_input_of_its_own_and_a_block_of_columns()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Concatenates()), new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntime });
        var predictor = new Predictor<TwoInputs, FiveAnswers>(model);
        var row = new TwoInputs { First = 1, Second = 2, B = new float[] { 3, 4, 5 } };
        foreach (var answer in new[] { predictor.Predict(row), await predictor.PredictAsync(row) })
        {
            Assert.Equal([1f, 2f, 3f, 4f, 5f], [answer.A, answer.B, answer.C, answer.D, answer.E]);
        }

        var wrong = new TwoInputs { B = new float[2] };
        Assert.Contains("TwoInputs.B has 2 elements; expected 3", Assert.Throws<MlpException>(() => predictor.Predict(wrong)).Message, StringComparison.Ordinal);
        Assert.Equal(ErrorCodes.TensorMismatch, (await Assert.ThrowsAsync<MlpException>(async () => await predictor.PredictAsync(wrong))).Code);
        Assert.Equal(5f, (await predictor.PredictAsync(row)).E);
    }

    [Fact]
    public async Task A_wrong_name_type_or_width_is_an_error_that_lists_both_sides()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var three = await host.LoadAsync(TestModels.Package(folder, TestModels.Trees(3, 3, 4, 2), "three"), OnEdge);
        var four = await host.LoadAsync(TestModels.Package(folder, TestModels.Trees(3, 4, 4, 2), "four"), OnEdge);
        var one = await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(1, 5), "one"), OnEdge);
        Expect(() => new Predictor<OneNumber, LateAnswer>(three), "no columns for the input 'features'", "OneNumber(x: float32[1])", "features: float32[batch, 3]");
        Expect(() => new Predictor<ThreeColumns, LateAnswer>(four), "has 3 columns of 'features', which has 4", "features: float32[3]", "features: float32[batch, 4]");
        Expect(() => new Predictor<OneNumber, LateAnswer>(one), "reads the output 'probabilities'", "LateAnswer(probabilities: float32[2 or more])", "y: float32[batch, 1]");
        Expect(() => new Predictor<ThreeColumns, FloatLabel>(three), "float32 for 'label', which is int64", "label: float32[1]", "label: int64[batch]");
        Expect(() => new Predictor<ThreeColumns, ThirdColumn>(three), "has 3 columns of 'probabilities', which has 2", "3 or more", "probabilities: float32[batch, 2]");

        static void Expect(Func<object> build, params string[] words)
        {
            var error = Assert.Throws<MlpException>(build);
            Assert.Equal(ErrorCodes.TensorMismatch, error.Code);
            Assert.All(words, w => Assert.Contains(w, error.Message, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Features_are_compared_with_those_the_model_was_trained_with()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var good = await host.LoadAsync(Package("good", "a.x", "a.y", "b.z"), OnEdge);
        Assert.InRange(new Predictor<ThreeColumns, LateAnswer>(good).Predict(new ThreeColumns(1, 2, 3)).Late, 0, 1);
        var swapped = await host.LoadAsync(Package("swapped", "a.y", "a.x", "b.z"), OnEdge);
        var error = Assert.Throws<MlpException>(() => new Predictor<ThreeColumns, LateAnswer>(swapped));
        Assert.Contains("'a.x' as column 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("(a.x, a.y, b.z)", error.Message, StringComparison.Ordinal);
        Assert.Contains("(a.y, a.x, b.z)", error.Message, StringComparison.Ordinal);

        ModelPackage Package(string name, params string[] features)
        {
            var onnx = TestModels.Trees(3, 3, 4, 2);
            var service = new FeatureServiceReference("s", "1", ContentDigest.Of([]), [.. features.Select(f => new FeatureReference(f, ElementType.Float32))]);
            return new PackageBuilder().Add("model.onnx", onnx.Write()).Write(Path.Combine(folder.Path, name), new PackageManifest { Name = name, Signature = onnx.Signature(), FeatureService = service });
        }
    }

    [Fact]
    public async Task Answers_of_a_stream_come_before_its_end_and_in_order()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(1, 100)), OnEdge);
        var predictor = new Predictor<OneNumber, OneAnswer>(model, new PredictorOptions { InFlightMax = 3 });
        var asked = new SemaphoreSlim(1);
        var seen = new List<float>();

        // The source gives its next row only when the answer to the one before is there: waiting for company would wait for ever.
        await foreach (var answer in predictor.PredictManyAsync(Source()))
        {
            seen.Add(answer.Value);
            asked.Release();
        }

        Assert.Equal([100f, 101f, 102f, 103f, 104f, 105f, 106f, 107f], seen);

        async IAsyncEnumerable<OneNumber> Source([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            for (var i = 0; i < 8; i++)
            {
                await asked.WaitAsync(cancellationToken);
                yield return new OneNumber(i);
            }
        }
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task Many_rows_are_not_refused_because_they_fill_the_queue_themselves(bool isStream, bool byObjective)
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var batching = byObjective
            ? new BatchingOptions { Instances = 1, LatencyObjective = TimeSpan.FromMinutes(10), BatchRowsMax = 2 }
            : new BatchingOptions { Instances = 1, QueueRowsMax = 2, BatchRowsMax = 2 };
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(1, 100)), OnEdge with { Batching = batching });
        var predictor = new Predictor<OneNumber, OneAnswer>(model);
        var rows = Enumerable.Range(0, 500).Select(static i => new OneNumber(i)).ToArray();
        var answers = await (isStream ? predictor.PredictManyAsync(rows.ToAsyncEnumerable()) : predictor.PredictManyAsync(rows)).ToArrayAsync();
        Assert.Equal(rows.Select(static row => row.Value + 100), answers.Select(static answer => answer.Value));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Many_rows_are_refused_where_others_fill_the_queue(bool isStream)
    {
        using var folder = new TemporaryFolder();
        using var gate = new Gate();
        await using var host = new ModelHost();
        var scripted = new ScriptedModel(1) { OnRun = (_, _) => gate.Pass() };
        var options = new HostedModelOptions { Runtime = new ScriptedRuntime(() => scripted), Batching = new BatchingOptions { Instances = 1, QueueRowsMax = 1, BatchRowsMax = 1 } };
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Identity(1)), options);
        var predictor = new Predictor<OneNumber, OneAnswer>(model);
        var running = predictor.PredictAsync(new OneNumber(1)).AsTask();
        gate.AwaitArrival();
        var waiting = predictor.PredictAsync(new OneNumber(2)).AsTask();
        OneNumber[] rows = [new(3), new(4)];
        var many = isStream ? predictor.PredictManyAsync(rows.ToAsyncEnumerable()) : predictor.PredictManyAsync(rows);
        Assert.Equal(InferenceErrors.Overloaded, (await Assert.ThrowsAsync<MlpException>(async () => await many.ToArrayAsync())).Code);
        gate.Open();
        Assert.Equal((1, 2), ((await running).Value, (await waiting).Value));
    }

    [Fact]
    public async Task A_failure_of_the_source_comes_after_the_answers_before_it_and_a_break_stops_the_source()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(1, 100)), OnEdge);
        var predictor = new Predictor<OneNumber, OneAnswer>(model);
        var seen = new List<float>();
        await Assert.ThrowsAsync<FormatException>(async () =>
        {
            await foreach (var answer in predictor.PredictManyAsync(Failing()))
            {
                seen.Add(answer.Value);
            }
        });
        Assert.Equal([100f, 101f], seen);

        var stopped = new TaskCompletionSource();
        await foreach (var answer in predictor.PredictManyAsync(Endless()))
        {
            Assert.Equal(100f, answer.Value);
            break;
        }

        Assert.True(stopped.Task.IsCompleted);

        static async IAsyncEnumerable<OneNumber> Failing()
        {
            yield return new OneNumber(0);
            await Task.Yield();
            yield return new OneNumber(1);
            throw new FormatException("the source's own");
        }

        async IAsyncEnumerable<OneNumber> Endless([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            try
            {
                yield return new OneNumber(0);
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                stopped.SetResult();
            }
        }
    }

    [Fact]
    public async Task A_canceled_call_and_an_unloaded_model_end_with_their_errors_and_the_predictor_follows_a_swap()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(1, 100)), OnEdge with { Version = "1" });
        var predictor = new Predictor<OneNumber, OneAnswer>(model);
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await predictor.PredictAsync(new OneNumber(1), cancellationToken: new CancellationToken(true)));
        await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(1, 200)), OnEdge with { Version = "2" });
        Assert.Equal(201, predictor.Predict(new OneNumber(1)).Value);
        Assert.Equal(202, (await predictor.PredictAsync(new OneNumber(2))).Value);
        await host.UnloadAsync(model.Name);
        Assert.Equal(InferenceErrors.Closed, (await Assert.ThrowsAsync<MlpException>(async () => await predictor.PredictAsync(new OneNumber(1)))).Code);
        Assert.Equal(InferenceErrors.Closed, Assert.Throws<MlpException>(() => predictor.Predict(new OneNumber(1))).Code);
        Assert.Equal(InferenceErrors.Closed, (await Assert.ThrowsAsync<MlpException>(async () => await predictor.PredictManyAsync([new OneNumber(1), new OneNumber(2)]).ToArrayAsync())).Code);
    }
}

public readonly partial record struct FloatLabel([ModelOutput("label")] float Label);

public readonly partial record struct ThirdColumn([ModelOutput("probabilities", Column = 2)] float Third);
