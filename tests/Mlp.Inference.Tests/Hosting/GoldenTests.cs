using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Hosting;

public class GoldenTests
{
    private static readonly HostedModelOptions OnEdge = new() { Runtime = RuntimeChoice.Edge };

    [Fact]
    public async Task A_version_that_fails_its_golden_examples_does_not_take_over()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(Package(folder, TestModels.Adds(1, 10), Example([1], [11])), OnEdge with { Version = "1" });
        var error = await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(Package(folder, TestModels.Adds(1, 20), Example([1], [21]), Example([2], [12])), OnEdge with { Version = "2" }));
        Assert.Equal(InferenceErrors.GoldenFailed, error.Code);
        Assert.Contains("gives 22 at element 0 of the output 'y' for its golden example 1; expected 12", error.Message, StringComparison.Ordinal);
        Assert.Equal(error.Message, model.LastLoadError);
        Assert.Equal(("1", 11f), (model.Version.Version, await model.PredictValueAsync([1])));
    }

    [Theory]
    [InlineData(11.001, true)]
    [InlineData(11.002, false)]
    [InlineData(10.998, false)]
    [InlineData(double.NaN, false)]
    [InlineData(double.PositiveInfinity, false)]
    public async Task An_answer_may_differ_by_the_tolerance(double expected, bool passes)
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var load = host.LoadAsync(Package(folder, TestModels.Adds(1, 10), Example([1], [expected])), OnEdge);
        Assert.Equal(passes, await load.ContinueWith(t => t.IsCompletedSuccessfully, TaskScheduler.Default));
    }

    [Fact]
    public async Task Not_a_number_in_gives_not_a_number_out()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        await host.LoadAsync(Package(folder, TestModels.Adds(1, 10), Example([double.NaN], [double.NaN]), Example([double.NegativeInfinity], [double.NegativeInfinity])), OnEdge);
    }

    [Fact]
    public async Task Labels_have_to_be_equal_whatever_the_tolerance()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var onnx = TestModels.Trees(1, 3, 4, 2);
        var label = (await host.LoadAsync(TestModels.Package(folder, onnx, "asked"), OnEdge)) is var model && await model.PredictValueAsync([1, 2, 3], 1) > 0.5f ? 1 : 0;
        var inputs = new Dictionary<string, double[]> { ["features"] = [1, 2, 3] };
        await host.LoadAsync(Package(folder, onnx, new GoldenExample(inputs, new Dictionary<string, double[]> { ["label"] = [label] })), OnEdge);
        var wrong = new GoldenExample(inputs, new Dictionary<string, double[]> { ["label"] = [label + 0.00001] });
        Assert.Equal(InferenceErrors.GoldenFailed, (await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(Package(folder, onnx, wrong), OnEdge))).Code);
    }

    [Fact]
    public async Task An_example_that_does_not_fit_the_model_is_refused()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        foreach (var example in new[]
        {
            Example([1, 2], [11]), Example([1], [11, 12]),
            new GoldenExample(new Dictionary<string, double[]>(), new Dictionary<string, double[]>()),
            new GoldenExample(new Dictionary<string, double[]> { ["z"] = [1] }, new Dictionary<string, double[]>()),
            new GoldenExample(new Dictionary<string, double[]> { ["x"] = [1] }, new Dictionary<string, double[]> { ["z"] = [1] }),
        })
        {
            Assert.Equal(ErrorCodes.PackageInvalid, (await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(Package(folder, TestModels.Adds(1, 10), example), OnEdge))).Code);
        }

        Assert.Empty(host.Models);
    }

    [Fact]
    public async Task A_model_that_throws_on_a_golden_example_is_let_go_of()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var scripted = new ScriptedModel(1) { OnWarmUp = () => throw new InvalidOperationException("broken") };
        var error = await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(Package(folder, TestModels.Identity(1), Example([1], [1])), new HostedModelOptions { Runtime = new ScriptedRuntime(() => scripted) }));
        Assert.Equal(InferenceErrors.GoldenFailed, error.Code);
        Assert.Contains("broken", error.Message, StringComparison.Ordinal);
        Assert.True(scripted.IsDisposed);
    }

    [Fact]
    public async Task Versions_that_read_other_features_do_not_take_each_other_s_place()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(Reading("a.x", "a.y"), OnEdge);
        Assert.Equal(InferenceErrors.SignatureChanged, (await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(Reading("a.y", "a.x"), OnEdge))).Code);
        Assert.Same(model, await host.LoadAsync(Reading("a.x", "a.y"), OnEdge));

        ModelPackage Reading(params string[] features) => new PackageBuilder().Add("model.onnx", TestModels.Identity(2).Write()).Write(Path.Combine(folder.Path, Guid.NewGuid().ToString("N")), new PackageManifest
        {
            Name = "m",
            Signature = TestModels.Identity(2).Signature(),
            FeatureService = new FeatureServiceReference("s", "1", ContentDigest.Of([]), [.. features.Select(f => new FeatureReference(f, ElementType.Float32))]),
        });
    }

    [Fact]
    public async Task A_model_of_whole_calls_and_one_of_buckets_are_asked_as_well()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        TensorSpec Spec(string name) => new(name, ElementType.Float32, TensorDimension.Free("n"), TensorDimension.Free("length"));
        var adds = TestModels.Of([Spec("x")], [Spec("y")], [new OnnxNode { OpType = "Add", Inputs = ["x", "c"], Outputs = ["y"] }], new() { ["c"] = OnnxTensor.Of([10f], 1) });
        foreach (var buckets in new[] { null, new LengthBuckets { Lengths = [2, 4] } })
        {
            var options = new HostedModelOptions { Buckets = buckets };
            Assert.True((await host.LoadAsync(Package(folder, adds, Example([1, 2, 3], [11, 12, 13]), Example([4], [14])), options)).IsLoaded);
            var wrong = await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(Package(folder, adds, Example([1, 2, 3], [11, 12, 14])), options));
            Assert.Equal(InferenceErrors.GoldenFailed, wrong.Code);
            Assert.Contains("element 2", wrong.Message, StringComparison.Ordinal);
            var misfit = await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(Package(folder, adds, Example([1, 2, 3], [11, 12])), options));
            Assert.Equal(ErrorCodes.PackageInvalid, misfit.Code);
        }

        // Two free dimensions behind the first: nine numbers may be many shapes.
        TensorSpec Wide(string name) => new(name, ElementType.Float32, TensorDimension.Fixed(1), TensorDimension.Free("h"), TensorDimension.Free("w"));
        var unclear = TestModels.Of([Wide("x")], [Wide("y")], [new OnnxNode { OpType = "Neg", Inputs = ["x"], Outputs = ["y"] }]);
        var error = await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(Package(folder, unclear, Example([1, 2, 3], [-1, -2, -3])), new HostedModelOptions { Name = "unclear" }));
        Assert.Equal(ErrorCodes.PackageInvalid, error.Code);
        Assert.Contains("free dimensions", error.Message, StringComparison.Ordinal);
    }

    private static GoldenExample Example(double[] x, double[] y) => new(new Dictionary<string, double[]> { ["x"] = x }, new Dictionary<string, double[]> { ["y"] = y });

    private static ModelPackage Package(TemporaryFolder folder, OnnxModel model, params GoldenExample[] examples) => new PackageBuilder()
        .Add("model.onnx", model.Write())
        .Add(GoldenExamples.FileName, GoldenExamplesJson.Write(new GoldenExamples { Examples = examples }))
        .Write(Path.Combine(folder.Path, Guid.NewGuid().ToString("N")), new PackageManifest { Name = "model", Signature = model.Signature(), GoldenFile = GoldenExamples.FileName });
}
