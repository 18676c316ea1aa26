using Mlp.Core;
using Mlp.Edge.Tests.Models;

namespace Mlp.Edge.Tests;

public class ModelTests
{
    private static readonly TensorDimension Batch = TensorDimension.Free("batch");

    [Fact]
    public void A_net_of_dense_layers_gives_what_onnx_runtime_gives_for_every_batch()
    {
        var onnx = Net(new Random(5)).Write();
        using var ort = new Ort(onnx);
        var model = EdgeModel.Load(onnx);
        foreach (var rows in (int[])[1, 2, 7, 33])
        {
            var input = RandomFloats(rows, rows * 12);
            var session = model.CreateSession(rows);
            input.CopyTo(session.Input());
            session.Run(rows);
            var expected = ort.Floats(input, 12, "y");
            for (var i = 0; i < expected.Length; i++)
            {
                Assert.Equal(expected[i], session.Output<float>()[i], 1e-5f);
            }
        }
    }

    [Fact]
    public void A_linear_model_with_imputer_and_scaler_gives_what_onnx_runtime_gives()
    {
        var onnx = Model(4, 1, [
            new OnnxNode { OpType = "Imputer", Domain = "ai.onnx.ml", Inputs = ["x"], Outputs = ["a"], Attributes = new Dictionary<string, OnnxAttribute> { ["imputed_value_floats"] = new[] { 1f, 2f, 3f, 4f }, ["replaced_value_float"] = float.NaN } },
            new OnnxNode { OpType = "Scaler", Domain = "ai.onnx.ml", Inputs = ["a"], Outputs = ["b"], Attributes = new Dictionary<string, OnnxAttribute> { ["offset"] = new[] { 1f, 0f, -1f, 2f }, ["scale"] = new[] { 2f, 0.5f, 1f, 3f } } },
            new OnnxNode { OpType = "LinearRegressor", Domain = "ai.onnx.ml", Inputs = ["b"], Outputs = ["c"], Attributes = new Dictionary<string, OnnxAttribute> { ["coefficients"] = new[] { 0.5f, -0.25f, 1f, 0.125f }, ["intercepts"] = new[] { 0.75f } } },
            new OnnxNode { OpType = "Sigmoid", Inputs = ["c"], Outputs = ["y"] },
        ]).Write();
        using var ort = new Ort(onnx);
        float[] rows = [0, 1, 2, 3, float.NaN, 1, float.NaN, 0, -1, -2, -3, -4];
        var session = EdgeModel.Load(onnx).CreateSession(3);
        rows.CopyTo(session.Input());
        session.Run(3);
        var expected = ort.Floats(rows, 4, "y");
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(expected[i], session.Output<float>()[i], 1e-6f);
        }
    }

    [Fact]
    public void Nothing_is_allocated_once_a_session_runs()
    {
        var trees = EdgeModel.Prepare(TreeEnsembleOnnx.BinaryClassifier(RandomTrees.Ensemble(1, 5, 30, 5, transform: PostTransform.Logistic))).CreateSession(16);
        var net = EdgeModel.Prepare(Net(new Random(1))).CreateSession(16);
        Run(trees, net);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Run(trees, net);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        static void Run(EdgeSession trees, EdgeSession net)
        {
            trees.Run(16);
            trees.Run(1);
            net.Run(16);
        }
    }

    [Fact]
    public void An_unknown_operator_names_itself_its_node_domain_and_version()
    {
        var model = Model(2, 2, [new OnnxNode { OpType = "Einstein", Domain = "com.example", Name = "n1", Inputs = ["x"], Outputs = ["y"] }], ("com.example", 3));
        var error = Assert.Throws<MlpException>(() => EdgeModel.Prepare(model));
        Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
        foreach (var part in (string[])["Einstein", "'n1'", "com.example", "version 3"])
        {
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_row_of_the_wrong_length_and_an_output_of_the_wrong_type_are_refused()
    {
        var session = EdgeModel.Prepare(Net(new Random(1))).CreateSession();
        Assert.Equal(ErrorCodes.TensorMismatch, Assert.Throws<MlpException>(() => session.Run(new float[11]).ToArray()).Code);
        Assert.Equal(ErrorCodes.TensorMismatch, Assert.Throws<MlpException>(() => session.Output<long>().ToArray()).Code);
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Run(2));
    }

    [Fact]
    public void A_session_reads_and_writes_the_memory_that_was_bound()
    {
        var model = EdgeModel.Prepare(Net(new Random(2)));
        var own = model.CreateSession(2);
        var bound = model.CreateSession(2);
        var input = AlignedMemory.Allocate<byte>(2 * 12 * 4);
        var output = AlignedMemory.Allocate<byte>(2 * 3 * 4);
        bound.BindInput(0, input);
        bound.BindOutput(0, output);
        RandomFloats(1, 24).CopyTo(own.Input());
        RandomFloats(1, 24).CopyTo(bound.Input());
        own.Run(2);
        bound.Run(2);
        Assert.Equal(System.Runtime.InteropServices.MemoryMarshal.AsBytes(own.Output<float>()).ToArray(), output.ToArray());
        Assert.Throws<ArgumentException>(() => bound.BindInput(0, new byte[3]));
    }

    private static OnnxModel Net(Random random)
    {
        var first = Initializer(random, 12 * 8);
        var second = Initializer(random, 3 * 8);
        return Model(12, 3, [
            new OnnxNode { OpType = "Gemm", Inputs = ["x", "w1", "b1"], Outputs = ["h"] },
            new OnnxNode { OpType = "Relu", Inputs = ["h"], Outputs = ["r"] },
            new OnnxNode { OpType = "Gemm", Inputs = ["r", "w2", "b2"], Outputs = ["z"], Attributes = new Dictionary<string, OnnxAttribute> { ["transB"] = 1L, ["alpha"] = 0.5f } },
            new OnnxNode { OpType = "Softmax", Inputs = ["z"], Outputs = ["y"] },
        ], constants: new()
        {
            ["w1"] = OnnxTensor.Of(first, 12, 8),
            ["b1"] = OnnxTensor.Of(Initializer(random, 8), 8),
            ["w2"] = OnnxTensor.Of(second, 3, 8),
            ["b2"] = OnnxTensor.Of(Initializer(random, 3), 3),
        });
    }

    private static OnnxModel Model(int inputs, int outputs, OnnxNode[] nodes, (string Domain, long Version) extra = default, Dictionary<string, OnnxTensor>? constants = null)
    {
        var opsets = new Dictionary<string, long> { [""] = 17, ["ai.onnx.ml"] = 3 };
        if (extra.Domain is not null)
        {
            opsets[extra.Domain] = extra.Version;
        }

        return new OnnxModel
        {
            Opsets = opsets,
            Graph = new OnnxGraph
            {
                Nodes = nodes,
                Initializers = constants ?? [],
                Inputs = [new OnnxValueInfo("x", new TensorSpec("x", ElementType.Float32, Batch, TensorDimension.Fixed(inputs)))],
                Outputs = [new OnnxValueInfo("y", new TensorSpec("y", ElementType.Float32, Batch, TensorDimension.Fixed(outputs)))],
            },
        };
    }

    private static float[] Initializer(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1))];

    private static float[] RandomFloats(int seed, int count) => Initializer(new Random(seed), count);
}
