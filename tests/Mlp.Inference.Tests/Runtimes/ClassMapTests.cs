using Microsoft.ML.OnnxRuntime;
using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Runtimes;

/// <summary>ZipMap, with ONNX Runtime's own maps of the untouched file as the truth.</summary>
public class ClassMapTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Class_maps_are_batched_as_scores_with_labels(bool texts)
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var onnx = TestModels.MapsClasses(texts);
        var model = await host.LoadAsync(TestModels.Package(folder, onnx));
        Assert.Equal(texts ? ["late", "früh", "on time"] : ["7", "-3", "11"], model.Layout.Outputs[1].Labels);
        Assert.Equal("probabilities: float32[batch, 3]", model.Signature.Outputs[1].ToString());
        var rows = TestModels.Floats(new Random(3), 40, 3);
        var truth = Truth(onnx, rows, 20, model.Layout.Outputs[1].Labels);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async r =>
        {
            var scores = new float[3];
            await model.PredictAsync(rows.AsSpan(2 * r, 2), scores);
            for (var c = 0; c < 3; c++)
            {
                Assert.True(MathF.Abs(truth[r][c] - scores[c]) < 1e-6f, $"row {r}, class {c}: {scores[c]} instead of {truth[r][c]}");
            }

            var answer = await model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>(rows.AsSpan(2 * r, 2), 1, 2) });
            var best = truth[r].ToList().IndexOf(truth[r].Max());
            Assert.Equal(model.Layout.Outputs[1].Labels[best], texts ? answer.Tensor("label").Texts[0] : answer.Tensor("label").Elements<long>()[0].ToString(System.Globalization.CultureInfo.InvariantCulture));
        }));
    }

    [Fact]
    public void Edge_runs_class_maps_with_numbers_as_labels_like_onnx_runtime()
    {
        var onnx = TestModels.MapsClasses(texts: false);
        var rows = TestModels.Floats(new Random(4), 40, 3);
        var truth = Truth(onnx, rows, 20, ["7", "-3", "11"]);
        using var model = RuntimeChoice.Edge.Prepare(TestModels.File(onnx), new PrepareOptions());
        using var memory = model.CreateMemory(20);
        using var session = model.CreateSession(20);
        rows.CopyTo(memory.InputRows(0, 0, 20));
        session.Run(memory, 20);
        var scores = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(memory.OutputRows(1, 0, 20));
        for (var i = 0; i < 60; i++)
        {
            Assert.True(MathF.Abs(truth[i / 3][i % 3] - scores[i]) < 1e-6f);
        }

        Assert.Equal(60, Mlp.Edge.EdgeModel.Load(onnx.Write()).OutputWidth(1) * 20);
    }

    [Fact]
    public void What_is_not_the_class_map_stays_byte_for_byte()
    {
        var onnx = TestModels.MapsClasses(texts: true);
        var plain = TestModels.Net(1, 3, 2);
        var bytes = plain.Write();
        Assert.True(ClassMaps.ToTensors(bytes, plain).Span.SequenceEqual(bytes));

        // A field that this library does not know (a model's documentation) and one of the graph's own.
        var file = onnx.Write().Concat(new byte[] { 0x32, 2, (byte)'h', (byte)'i' }).ToArray();
        var folded = ClassMaps.ToTensors(file, OnnxModel.Read(file)).ToArray();
        Assert.Contains("hi", System.Text.Encoding.Latin1.GetString(folded), StringComparison.Ordinal);
        var read = OnnxModel.Read(folded);
        Assert.DoesNotContain(read.Graph.Nodes, node => node.OpType == "ZipMap");
        Assert.Equal(onnx.Graph.Nodes[0].Texts("classlabels_strings"), read.Graph.Nodes[0].Texts("classlabels_strings"));
        Assert.Equal(onnx.Signature().ToString(), read.Signature().ToString());
    }

    [Fact]
    public void A_class_map_without_labels_is_an_error_that_names_it()
    {
        var onnx = TestModels.Of(
            [new TensorSpec("x", ElementType.Float32, TensorDimension.Free("n"), TensorDimension.Fixed(2))],
            [new TensorSpec("m", ValueForm.Sequence(ValueForm.Map(ElementType.Int64, ValueForm.Tensor(ElementType.Float32))))],
            [new OnnxNode { OpType = "ZipMap", Domain = "ai.onnx.ml", Inputs = ["x"], Outputs = ["m"] }]);
        var error = Assert.Throws<MlpException>(() => ModelFile.Of(onnx.Write(), "maps.onnx"));
        Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
        Assert.Contains("maps.onnx", error.Message, StringComparison.Ordinal);
        Assert.Contains("0 text labels", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_with_the_labels_in_another_order_does_not_take_over()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        await host.LoadAsync(TestModels.Package(folder, TestModels.MapsClasses(texts: true)));
        var other = TestModels.MapsClasses(texts: true);
        other.Graph.Nodes[1].Texts("classlabels_strings").AsSpan().Reverse();
        var error = await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(TestModels.Package(folder, other)));
        Assert.Equal(InferenceErrors.SignatureChanged, error.Code);
        Assert.Contains("on time, früh, late", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nor_does_one_of_a_model_without_rows_of_its_own(bool buckets)
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();

        // A scalar, or a length that each call chooses: no rows without buckets.
        var batch = TensorDimension.Free("batch");
        TensorSpec[] inputs = buckets
            ? [new TensorSpec("t", ElementType.Float32, batch, TensorDimension.Free("length"))]
            : [new TensorSpec("x", ElementType.Float32, batch, TensorDimension.Fixed(2)), new TensorSpec("t", ElementType.Float32)];
        OnnxModel Make(params string[] labels)
        {
            var maps = TestModels.MapsClasses(texts: true).Graph;
            maps.Nodes[1].Texts("classlabels_strings").AsSpan().Clear();
            labels.CopyTo(maps.Nodes[1].Texts("classlabels_strings"), 0);
            OnnxNode[] first = buckets
                ? [new() { OpType = "ReduceSum", Inputs = ["t", "axes"], Outputs = ["sum"] }, new() { OpType = "Concat", Inputs = ["sum", "sum"], Outputs = ["x"], Attributes = new Dictionary<string, OnnxAttribute> { ["axis"] = 1L } }]
                : [new() { OpType = "Neg", Inputs = ["t"], Outputs = ["unused"] }];
            return TestModels.Of(inputs, [.. maps.Outputs.Select(output => output.Tensor!)], [.. first, .. maps.Nodes], new() { ["axes"] = OnnxTensor.Of([1L], 1) });
        }

        var options = new HostedModelOptions { Buckets = buckets ? new LengthBuckets { Lengths = [4, 8] } : null };
        var model = await host.LoadAsync(TestModels.Package(folder, Make("late", "früh", "on time")), options);
        Assert.False(model.Layout.IsBatched);
        Assert.Equal(["late", "früh", "on time"], model.Layout.LabelsOf("probabilities"));
        Assert.Empty(model.Layout.LabelsOf("label"));
        var error = await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(TestModels.Package(folder, Make("on time", "früh", "late")), options));
        Assert.Equal(InferenceErrors.SignatureChanged, error.Code);
        Assert.Contains("on time, früh, late", error.Message, StringComparison.Ordinal);
        await host.LoadAsync(TestModels.Package(folder, Make("late", "früh", "on time")), options);
    }

    private static float[][] Truth(OnnxModel onnx, float[] rows, int count, IReadOnlyList<string> labels)
    {
        using var session = new InferenceSession(onnx.Write());
        using var input = OrtValue.CreateTensorValueFromMemory(rows, [count, 2]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, ["x"], [input], ["probabilities"]);
        var truth = new float[count][];
        for (var r = 0; r < count; r++)
        {
            using var map = outputs[0].GetValue(r, OrtAllocator.DefaultInstance);
            using var keys = map.GetValue(0, OrtAllocator.DefaultInstance);
            using var values = map.GetValue(1, OrtAllocator.DefaultInstance);
            var names = keys.GetTensorTypeAndShape().IsString
                ? keys.GetStringTensorAsArray()
                : [.. keys.GetTensorDataAsSpan<long>().ToArray().Select(k => k.ToString(System.Globalization.CultureInfo.InvariantCulture))];
            var scores = values.GetTensorDataAsSpan<float>().ToArray();
            truth[r] = [.. labels.Select(label => scores[Array.IndexOf(names, label)])];
        }

        return truth;
    }
}
