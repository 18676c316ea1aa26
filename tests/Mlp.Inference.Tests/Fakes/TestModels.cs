using Mlp.Core;

namespace Mlp.Inference.Tests.Fakes;

/// <summary>Small ONNX models, and packages of them.</summary>
internal static class TestModels
{
    private static readonly TensorDimension Batch = TensorDimension.Free("batch");

    public static OnnxModel Identity(int width) => Model(
        [new TensorSpec("x", ElementType.Float32, Batch, TensorDimension.Fixed(width))],
        [new TensorSpec("y", ElementType.Float32, Batch, TensorDimension.Fixed(width))],
        [new OnnxNode { OpType = "Identity", Inputs = ["x"], Outputs = ["y"] }]);

    /// <summary>Adds a constant to each element: an answer shows which version gave it.</summary>
    public static OnnxModel Adds(int width, float constant) => Model(
        [new TensorSpec("x", ElementType.Float32, Batch, TensorDimension.Fixed(width))],
        [new TensorSpec("y", ElementType.Float32, Batch, TensorDimension.Fixed(width))],
        [new OnnxNode { OpType = "Add", Inputs = ["x", "c"], Outputs = ["y"] }],
        new() { ["c"] = OnnxTensor.Of([constant], 1) });

    /// <summary>Two inputs of 2 and 3 elements, put together; only ONNX Runtime has the operator.</summary>
    public static OnnxModel Concatenates() => Model(
        [new TensorSpec("a", ElementType.Float32, Batch, TensorDimension.Fixed(2)), new TensorSpec("b", ElementType.Float32, Batch, TensorDimension.Fixed(3))],
        [new TensorSpec("y", ElementType.Float32, Batch, TensorDimension.Fixed(5))],
        [new OnnxNode { OpType = "Concat", Inputs = ["a", "b"], Outputs = ["y"], Attributes = new Dictionary<string, OnnxAttribute> { ["axis"] = 1L } }]);

    /// <summary>A model of an operator that Mlp.Edge does not have.</summary>
    public static OnnxModel ErrorFunctions() => Model(
        [new TensorSpec("a", ElementType.Float32, Batch, TensorDimension.Fixed(2))],
        [new TensorSpec("y", ElementType.Float32, Batch, TensorDimension.Fixed(2))],
        [new OnnxNode { OpType = "Erf", Inputs = ["a"], Outputs = ["y"] }]);

    public static OnnxModel Net(int seed, params int[] widths)
    {
        var random = new Random(seed);
        var constants = new Dictionary<string, OnnxTensor>();
        var nodes = new List<OnnxNode>();
        var from = "x";
        for (var i = 1; i < widths.Length; i++)
        {
            constants[$"w{i}"] = OnnxTensor.Of(Floats(random, widths[i - 1] * widths[i]), widths[i - 1], widths[i]);
            constants[$"b{i}"] = OnnxTensor.Of(Floats(random, widths[i]), widths[i]);
            var last = i == widths.Length - 1;
            nodes.Add(new OnnxNode { OpType = "Gemm", Inputs = [from, $"w{i}", $"b{i}"], Outputs = [last ? "y" : $"h{i}"] });
            if (!last)
            {
                nodes.Add(new OnnxNode { OpType = "Relu", Inputs = [$"h{i}"], Outputs = [from = $"r{i}"] });
            }
        }

        return Model(
            [new TensorSpec("x", ElementType.Float32, Batch, TensorDimension.Fixed(widths[0]))],
            [new TensorSpec("y", ElementType.Float32, Batch, TensorDimension.Fixed(widths[^1]))],
            [.. nodes],
            constants);
    }

    public static OnnxModel Trees(int seed, int features, int trees, int depth)
    {
        var random = new Random(seed);
        var builder = new TreeEnsembleBuilder(features);
        for (var t = 0; t < trees; t++)
        {
            builder.BeginTree();
            var inner = (1 << depth) - 1;
            for (var i = 0; i < inner; i++)
            {
                builder.Branch(NodeMode.LessOrEqual, random.Next(features), (float)((random.NextDouble() * 200) - 100), (2 * i) + 1, (2 * i) + 2);
            }

            for (var i = 0; i <= inner; i++)
            {
                builder.Leaf((float)(random.NextDouble() - 0.5) / 4);
            }
        }

        return TreeEnsembleOnnx.BinaryClassifier(builder.Build(EnsembleAggregate.Sum, PostTransform.Logistic));
    }

    public static float[] Floats(Random random, int count, float scale = 1)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = (float)((random.NextDouble() * 2) - 1) * scale;
        }

        return values;
    }

    public static ModelFile File(OnnxModel model) => ModelFile.Of(model.Write());

    public static ModelPackage Package(TemporaryFolder folder, OnnxModel model, string name = "model")
    {
        var path = Path.Combine(folder.Path, Guid.NewGuid().ToString("N"));
        return new PackageBuilder().Add("model.onnx", model.Write()).Write(path, new PackageManifest { Name = name, Signature = model.Signature() });
    }

    /// <summary>A model of one's own, in the operator set 17 and that of classical models.</summary>
    public static OnnxModel Of(TensorSpec[] inputs, TensorSpec[] outputs, OnnxNode[] nodes, Dictionary<string, OnnxTensor>? constants = null) => Model(inputs, outputs, nodes, constants);

    /// <summary>A classifier of three classes with its scores as maps, as scikit-learn's converter writes it.</summary>
    public static OnnxModel MapsClasses(bool texts)
    {
        var labels = new Dictionary<string, OnnxAttribute>
        {
            ["coefficients"] = new float[] { 1, 0, 0, 1, -1, -1 },
            ["intercepts"] = new float[] { 0, 0.25f, 0.5f },
            ["post_transform"] = "SOFTMAX",
            [texts ? "classlabels_strings" : "classlabels_ints"] = texts ? new[] { "late", "früh", "on time" } : new long[] { 7, -3, 11 },
        };
        var names = new Dictionary<string, OnnxAttribute> { [texts ? "classlabels_strings" : "classlabels_int64s"] = texts ? new[] { "late", "früh", "on time" } : new long[] { 7, -3, 11 } };
        var key = texts ? ElementType.String : ElementType.Int64;
        return Model(
            [new TensorSpec("x", ElementType.Float32, Batch, TensorDimension.Fixed(2))],
            [new TensorSpec("label", key, Batch), new TensorSpec("probabilities", ValueForm.Sequence(ValueForm.Map(key, ValueForm.Tensor(ElementType.Float32))))],
            [
                new OnnxNode { OpType = "LinearClassifier", Domain = "ai.onnx.ml", Inputs = ["x"], Outputs = ["label", "scores"], Attributes = labels },
                new OnnxNode { OpType = "ZipMap", Domain = "ai.onnx.ml", Name = "zip", Inputs = ["scores"], Outputs = ["probabilities"], Attributes = names },
            ]);
    }

    /// <summary>A package of a file as it is.</summary>
    public static ModelPackage Package(TemporaryFolder folder, byte[] onnx, string name = "model")
    {
        var path = Path.Combine(folder.Path, Guid.NewGuid().ToString("N"));
        return new PackageBuilder().Add("model.onnx", onnx).Write(path, new PackageManifest { Name = name, Signature = OnnxModel.Read(onnx).Signature() });
    }

    private static OnnxModel Model(TensorSpec[] inputs, TensorSpec[] outputs, OnnxNode[] nodes, Dictionary<string, OnnxTensor>? constants = null) => new()
    {
        Opsets = new Dictionary<string, long> { [""] = 17, ["ai.onnx.ml"] = 3 },
        Graph = new OnnxGraph
        {
            Nodes = nodes,
            Initializers = constants ?? [],
            Inputs = [.. inputs.Select(i => new OnnxValueInfo(i.Name, i))],
            Outputs = [.. outputs.Select(o => new OnnxValueInfo(o.Name, o))],
        },
    };
}

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mlp-inference-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
