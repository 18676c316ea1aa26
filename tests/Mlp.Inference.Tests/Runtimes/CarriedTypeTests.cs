using Microsoft.ML.OnnxRuntime;
using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Runtimes;

/// <summary>Element types and attributes that only ONNX Runtime reads: a model may use them inside. The runtime by itself is the oracle.</summary>
public class CarriedTypeTests
{
    private static readonly TensorDimension Batch = TensorDimension.Free("batch");

    // Numbers of TensorProto.DataType, the elements' bytes and what they stand for; narrow ones lie several to a byte, the first one lowest.
    public static readonly TheoryData<string, int, byte[], float[]> Weights = new()
    {
        { "float8e4m3fn", 17, [0x38, 0xC4], [1, -3] },
        { "float8e4m3fnuz", 18, [0x40, 0xC4], [1, -1.5f] },
        { "float8e5m2", 19, [0x3C, 0xC6], [1, -6] },
        { "float8e5m2fnuz", 20, [0x40, 0xC2], [1, -1.5f] },
        { "uint4", 21, [0x21, 0x0F], [1, 2, 15] },
        { "int4", 22, [0x21, 0x0F], [1, 2, -1] },
        { "float8e8m0", 24, [0x80, 0x7E], [2, 0.5f] },
        { "uint2", 25, [0x39, 0x01], [1, 2, 3, 0, 1] },
        { "int2", 26, [0x39, 0x01], [1, -2, -1, 0, 1] },
    };

    public static readonly TheoryData<string> Constructs =
    [
        "float4e2m1", "a constant of int4", "a sparse initializer", "a sparse constant", "a type", "a text that is none",
        "texts that are none", "a function's tensor", "a function's lists", "branches of int4",
    ];

    [Theory]
    [MemberData(nameof(Weights))]
    public async Task Weights_of_a_type_that_only_the_runtime_reads_are_served(string name, int type, byte[] bytes, float[] expected)
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        foreach (var data in new[] { Wire.Bytes(9, bytes), Wire.Ints(5, [.. bytes.Select(b => (long)b)]) })
        {
            // Nothing but a cast reads float8e8m0, which is a scale.
            var opens = type == 24
                ? new OnnxNode { OpType = "Cast", Name = "opens", Inputs = ["w"], Outputs = ["d"], Attributes = new Dictionary<string, OnnxAttribute> { ["to"] = 1L } }
                : new OnnxNode { OpType = "DequantizeLinear", Name = "opens", Inputs = ["w", "scale"], Outputs = ["d"] };
            var onnx = Model(expected.Length, [opens, Multiplies("d")], Wire.Message(5, Wire.Ints(1, expected.Length), Wire.Int(2, type), Wire.Text(8, "w"), data));

            var error = Assert.Throws<MlpException>(() => RuntimeChoice.Edge.Prepare(ModelFile.Of(onnx), new PrepareOptions()));
            Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
            Assert.Contains($"{opens}: the constant 'w' is {name}[{expected.Length}]", error.Message, StringComparison.Ordinal);

            var model = await host.LoadAsync(TestModels.Package(folder, onnx, Guid.NewGuid().ToString("N")));
            Assert.True(model.Layout.IsBatched, model.Layout.WhyWhole);
            Assert.Contains($"the constant 'w' is {name}", model.Version.RuntimeReason, StringComparison.Ordinal);
            await Task.WhenAll(Enumerable.Range(1, 20).Select(async i =>
            {
                var answer = new float[expected.Length];
                await model.PredictAsync([.. expected.Select(_ => (float)i)], answer);
                Assert.Equal(expected.Select(value => i * value * (type == 24 ? 1 : 0.5f)), answer);
            }));
        }
    }

    [Theory]
    [MemberData(nameof(Constructs))]
    public async Task What_the_runtime_loads_by_itself_is_loaded_and_answers_the_same(string construct)
    {
        var onnx = Of(construct);
        float[] x = [1, 2, 3, 4, 5, 6];
        using var alone = new InferenceSession(onnx);
        using var options = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(x, [2, 3]);
        using var outputs = alone.Run(options, ["x"], [input], ["y"]);

        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, onnx));
        var answer = await model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>(x, 2, 3) });
        Assert.Equal(outputs[0].GetTensorDataAsSpan<float>(), answer.Tensor("y").Elements<float>());

        // And so does the file that is written from what was read.
        var file = ModelFile.Of(onnx);
        using var rewritten = new InferenceSession(file.Model.Write());
        using var again = rewritten.Run(options, ["x"], [input], ["y"]);
        Assert.Equal(outputs[0].GetTensorDataAsSpan<float>(), again[0].GetTensorDataAsSpan<float>());

        Assert.Equal(ErrorCodes.ModelInvalid, Assert.Throws<MlpException>(() => RuntimeChoice.Edge.Prepare(file, new PrepareOptions())).Code);
    }

    public static readonly TheoryData<string, byte[]> Outside = new()
    {
        { "tensor(complex64)", Wire.Message(1, Wire.Int(1, 14)) },
        { "tensor(complex128)", Wire.Message(1, Wire.Int(1, 15)) },
        { "tensor(float8e4m3fn)", Wire.Message(1, Wire.Int(1, 17)) },
        { "tensor(float8e4m3fnuz)", Wire.Message(1, Wire.Int(1, 18)) },
        { "tensor(float8e5m2)", Wire.Message(1, Wire.Int(1, 19)) },
        { "tensor(float8e5m2fnuz)", Wire.Message(1, Wire.Int(1, 20)) },
        { "tensor(uint4)", Wire.Message(1, Wire.Int(1, 21)) },
        { "tensor(int4)", Wire.Message(1, Wire.Int(1, 22)) },
        { "tensor(float4e2m1)", Wire.Message(1, Wire.Int(1, 23)) },
        { "tensor(float8e8m0)", Wire.Message(1, Wire.Int(1, 24)) },
        { "tensor(uint2)", Wire.Message(1, Wire.Int(1, 25)) },
        { "tensor(int2)", Wire.Message(1, Wire.Int(1, 26)) },
        { "tensor(the unknown element type 27)", Wire.Message(1, Wire.Int(1, 27)) },
        { "sparse_tensor(float32)", Wire.Message(8, Wire.Int(1, 1)) },
        { "sequence(tensor(int4))", Wire.Message(4, Wire.Message(1, Wire.Message(1, Wire.Int(1, 22)))) },
        { "optional(sequence(tensor(complex64)))", Wire.Message(9, Wire.Message(1, Wire.Message(4, Wire.Message(1, Wire.Message(1, Wire.Int(1, 14)))))) },
        { "map(int64, tensor(float8e5m2))", Wire.Message(5, Wire.Int(1, 7), Wire.Message(2, Wire.Message(1, Wire.Int(1, 19)))) },
        { "an opaque value", Wire.Message(7) },
    };

    [Theory]
    [MemberData(nameof(Outside))]
    public async Task An_input_or_output_of_such_a_type_is_refused_at_load_with_what_it_may_be(string name, byte[] type)
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        foreach (var isInput in new[] { true, false })
        {
            var (good, bad) = (new OnnxValueInfo("good", Spec("good", 1)), new OnnxValueInfo("bad", null) { Unread = Wire.Bytes(2, type) });
            var node = new OnnxNode { OpType = "Cast", Inputs = [isInput ? "bad" : "good"], Outputs = [isInput ? "good" : "bad"], Attributes = new Dictionary<string, OnnxAttribute> { ["to"] = 1L } };
            var onnx = new OnnxModel { Opsets = new Dictionary<string, long> { [""] = 25 }, Graph = new OnnxGraph { Nodes = [node], Inputs = [isInput ? bad : good], Outputs = [isInput ? good : bad] } }.Write();
            var package = new PackageBuilder().Add("model.onnx", onnx).Write(Path.Combine(folder.Path, $"{isInput}"), new PackageManifest { Name = "m", Signature = TestModels.Identity(1).Signature() });
            foreach (var runtime in new[] { RuntimeChoice.Auto, RuntimeChoice.OnnxRuntime, RuntimeChoice.Edge })
            {
                var error = await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(package, new HostedModelOptions { Runtime = runtime }));
                Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
                Assert.Contains($"The {(isInput ? "input" : "output")} 'bad' is {name}", error.Message, StringComparison.Ordinal);
                Assert.All(Enum.GetValues<ElementType>().Where(t => t != ElementType.Undefined), t => Assert.Contains(t.Name(), error.Message, StringComparison.Ordinal));
            }
        }
    }

    // Models of three numbers a row, to be multiplied with three constants.
    private static byte[] Of(string construct)
    {
        var int4 = Wire.All(Wire.Ints(1, 3), Wire.Int(2, 22), Wire.Bytes(9, [0x21, 0x0F]));
        var sparse = Wire.All(
            Wire.Message(1, Wire.Ints(1, 2), Wire.Int(2, 1), Wire.Text(8, "d"), Wire.Bytes(9, [.. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-2f)])),
            Wire.Message(2, Wire.Ints(1, 2), Wire.Int(2, 7), Wire.Ints(7, 0, 2)),
            Wire.Ints(3, 3));
        var dequantizes = new OnnxNode { OpType = "DequantizeLinear", Inputs = ["w", "scale"], Outputs = ["d"] };
        switch (construct)
        {
            case "float4e2m1":
                // Its shape is all that the processor's kernels read of it.
                return Model(3, [Node("Shape", ["w"], ["s"]), Node("Cast", ["s"], ["d"], ("to", 1L)), Multiplies("d")], Wire.Message(5, Wire.Ints(1, 5), Wire.Int(2, 23), Wire.Text(8, "w"), Wire.Bytes(9, [1, 2, 3])));
            case "a constant of int4":
                return Model(3, [Node("Constant", [], ["w"], ("value", Carried(Wire.Bytes(5, int4), Wire.Int(20, 4)))), dequantizes, Multiplies("d")]);
            case "a sparse initializer":
                return Model(3, [Multiplies("d")], Wire.Bytes(15, sparse));
            case "a sparse constant":
                return Model(3, [Node("Constant", [], ["d"], ("sparse_value", Carried(Wire.Bytes(22, sparse), Wire.Int(20, 11)))), Multiplies("d")]);
            case "a type":
                var optional = Node("Optional", [], ["o"], ("type", Carried(Wire.Message(14, Wire.Message(1, Wire.Int(1, 1), Wire.Message(2))), Wire.Int(20, 13))));
                return Model(3, [optional, Node("OptionalHasElement", ["o"], ["b"]), Node("Cast", ["b"], ["d"], ("to", 1L)), Multiplies("d")]);
            case "a text that is none":
                return Model(3, [Node("Constant", [], ["t"], ("value_string", Carried(Wire.Bytes(4, [0xFF, 0xFE]), Wire.Int(20, 3)))), Node("Shape", ["t"], ["s"]), Node("ReduceProd", ["s"], ["p"]), Node("Cast", ["p"], ["d"], ("to", 1L)), Multiplies("d")]);
            case "texts that are none":
                return Model(3, [Node("Shape", ["w"], ["s"]), Node("Cast", ["s"], ["d"], ("to", 1L)), Multiplies("d")], Wire.Message(5, Wire.Ints(1, 2), Wire.Int(2, 8), Wire.Text(8, "w"), Wire.Bytes(6, [0xFF]), Wire.Text(6, "a")));
            case "a function's tensor":
                return Wire.All(Model(3, [Calls(new() { ["factor"] = new OnnxAttribute { Tensor = OnnxTensor.Of([3f, 4f, 5f], 3) } })]), Function());
            case "a function's lists":
                // No operator has such attributes, and a function may have any.
                var lists = new Dictionary<string, OnnxAttribute>
                {
                    ["factor"] = new OnnxAttribute { Tensor = OnnxTensor.Of([3f, 4f, 5f], 3) },
                    ["tensors"] = Carried(Wire.Bytes(10, int4), Wire.Bytes(10, int4), Wire.Int(20, 9)),
                    ["graphs"] = Carried(Wire.Message(11, Wire.Text(2, "g")), Wire.Int(20, 10)),
                    ["sparse_tensors"] = Carried(Wire.Bytes(23, sparse), Wire.Int(20, 12)),
                    ["types"] = Carried(Wire.Message(15, Wire.Message(4, Wire.Message(1, Wire.Message(1, Wire.Int(1, 22))))), Wire.Int(20, 14)),
                };
                return Wire.All(Model(3, [Calls(lists)]), Function("tensors", "graphs", "sparse_tensors", "types"));
            default:
                var branch = new OnnxGraph { Name = "branch", Nodes = [Node("Constant", [], ["w2"], ("value", Carried(Wire.Bytes(5, int4), Wire.Int(20, 4))))], Outputs = [new OnnxValueInfo("w2", null) { Unread = Wire.Message(2, Wire.Message(1, Wire.Int(1, 22), Wire.Message(2, Wire.Message(1, Wire.Int(1, 3))))) }] };
                return Model(3, [Node("Cast", ["scale"], ["c"], ("to", 9L)), Node("If", ["c"], ["w"], ("then_branch", new OnnxAttribute { Graph = branch }), ("else_branch", new OnnxAttribute { Graph = branch })), dequantizes, Multiplies("d")]);
        }
    }

    private static OnnxNode Calls(Dictionary<string, OnnxAttribute> attributes) => new() { OpType = "Scaled", Domain = "local", Inputs = ["x"], Outputs = ["y"], Attributes = attributes };

    // A function of the model's own, whose constant is the caller's attribute.
    private static byte[] Function(params string[] attributes) => Wire.Message(
        25,
        Wire.Text(1, "Scaled"),
        Wire.Text(4, "a"),
        Wire.Text(5, "b"),
        Wire.Text(6, "factor"),
        Wire.All([.. attributes.Select(name => Wire.Text(6, name))]),
        Wire.Message(7, Wire.Text(2, "f"), Wire.Text(4, "Constant"), Wire.Message(5, Wire.Text(1, "value"), Wire.Int(20, 4), Wire.Text(21, "factor"))),
        Wire.Message(7, Wire.Text(1, "a"), Wire.Text(1, "f"), Wire.Text(2, "b"), Wire.Text(4, "Mul")),
        Wire.Message(9, Wire.Text(1, ""), Wire.Int(2, 21)),
        Wire.Text(10, "local"));

    private static OnnxAttribute Carried(params byte[][] fields) => new() { Unread = Wire.All(fields) };

    private static OnnxNode Multiplies(string with) => Node("Mul", ["x", with], ["y"]);

    private static OnnxNode Node(string type, string[] inputs, string[] outputs, params (string Name, OnnxAttribute Value)[] attributes) =>
        new() { OpType = type, Inputs = inputs, Outputs = outputs, Attributes = attributes.ToDictionary(a => a.Name, a => a.Value) };

    private static TensorSpec Spec(string name, int width) => new(name, ElementType.Float32, Batch, TensorDimension.Fixed(width));

    private static byte[] Model(int width, OnnxNode[] nodes, byte[]? more = null) => new OnnxModel
    {
        IrVersion = 12,
        Opsets = new Dictionary<string, long> { [""] = 25, ["local"] = 1 },
        Graph = new OnnxGraph
        {
            Nodes = nodes,
            Initializers = new Dictionary<string, OnnxTensor> { ["scale"] = OnnxTensor.Of([0.5f]) },
            Inputs = [new OnnxValueInfo("x", Spec("x", width))],
            Outputs = [new OnnxValueInfo("y", Spec("y", width))],
            Unread = more ?? [],
        },
    }.Write();
}
