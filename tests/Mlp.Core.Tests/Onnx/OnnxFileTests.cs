using CsCheck;
using Mlp.Core;

namespace Mlp.Core.Tests.Onnx;

public class OnnxFileTests
{
    private static readonly byte[] Valid = Sample().Write();

    [Fact]
    public void Writing_what_was_read_gives_the_same_bytes()
    {
        var read = OnnxModel.Read(Valid);
        Assert.Equal(Valid, read.Write());
        Assert.Equal("(x: float32[batch, 3]) -> (label: int64[batch], p: float32[batch, 2])", read.Signature().ToString());
        Assert.Equal([1f, 2f, 3f], read.Graph.Initializers["w"].Floats());
        Assert.Equal([-1L, long.MaxValue], read.Graph.Nodes[0].Ints("ints"));
        Assert.Equal(["a", ""], read.Graph.Nodes[0].Texts("texts"));
        Assert.Equal("value", read.Metadata["key"]);
    }

    [Fact]
    public void Every_truncation_is_a_typed_error_or_a_shorter_model()
    {
        for (var length = 0; length < Valid.Length; length++)
        {
            ReadOrRefuse(Valid.AsSpan(0, length));
        }
    }

    [Fact]
    public void Random_damage_is_read_or_refused_with_a_typed_error_and_nothing_else() =>
        Gen.Select(Gen.Int[0, Valid.Length - 1], Gen.Byte, Gen.Int[0, Valid.Length - 1], Gen.Byte).Sample(damage =>
        {
            var bytes = (byte[])Valid.Clone();
            bytes[damage.Item1] = damage.Item2;
            bytes[damage.Item3] = damage.Item4;
            ReadOrRefuse(bytes);
        }, iter: 50_000);

    [Fact]
    public void A_length_that_lies_costs_nothing_and_is_named_with_its_offset()
    {
        // Field 7 (the graph) claiming 2^60 bytes.
        byte[] bytes = [0x3a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<MlpException>(() => OnnxModel.Read(bytes));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        Assert.Contains("1152921504606846976", error.Message, StringComparison.Ordinal);
        Assert.Contains("byte 10", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_tensor_may_be_of_any_other_length()
    {
        Assert.Empty(OnnxTensor.Of(Array.Empty<float>(), 3, 0).Floats());
        Assert.Empty(OnnxTensor.Of(Array.Empty<long>(), 0, 1L << 50).Ints());
    }

    [Fact]
    public void Graphs_nested_beyond_the_limit_are_refused()
    {
        var graph = new OnnxGraph();
        for (var i = 0; i < 40; i++)
        {
            graph = new OnnxGraph { Nodes = [new OnnxNode { OpType = "If", Attributes = new Dictionary<string, OnnxAttribute> { ["then_branch"] = new OnnxAttribute { Graph = graph } } }] };
        }

        var bytes = new OnnxModel { Graph = graph }.Write();
        Assert.Contains("16 graphs", Assert.Throws<MlpException>(() => OnnxModel.Read(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shape_whose_product_wraps_around_is_refused()
    {
        var bytes = (byte[])Valid.Clone();
        Assert.Throws<MlpException>(() => OnnxTensor.Of([1f, 2f], 1L << 62, 4));
        Assert.Throws<MlpException>(() => OnnxTensor.Of([1f, 2f], -1, -2));
        Assert.Throws<MlpException>(() => OnnxTensor.Of([1f, 2f], 3));
        Assert.NotEmpty(bytes);
    }

    private static void ReadOrRefuse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            OnnxModel.Read(bytes);
        }
        catch (MlpException e)
        {
            Assert.Equal(ErrorCodes.ModelInvalid, e.Code);
        }
    }

    private static OnnxModel Sample() => new()
    {
        Opsets = new Dictionary<string, long> { [""] = 17, ["ai.onnx.ml"] = 3 },
        Metadata = new Dictionary<string, string> { ["key"] = "value" },
        Graph = new OnnxGraph
        {
            Nodes =
            [
                new OnnxNode
                {
                    OpType = "Thing", Domain = "ai.onnx.ml", Name = "n", Inputs = ["x", "w"], Outputs = ["label", "p"],
                    Attributes = new Dictionary<string, OnnxAttribute>
                    {
                        ["float"] = 1.5f, ["int"] = -3L, ["text"] = "tëxt", ["floats"] = new[] { 1f, float.NaN },
                        ["ints"] = new[] { -1L, long.MaxValue }, ["texts"] = new[] { "a", "" },
                        ["tensor"] = new OnnxAttribute { Tensor = OnnxTensor.Of([1L, 2L], 2) },
                        ["graph"] = new OnnxAttribute { Graph = new OnnxGraph { Name = "inner" } },
                    },
                },
            ],
            Initializers = new Dictionary<string, OnnxTensor> { ["w"] = OnnxTensor.Of([1f, 2f, 3f], 3) },
            Inputs = [Info("x", ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Fixed(3)), Info("w", ElementType.Float32, TensorDimension.Fixed(3))],
            Outputs = [Info("label", ElementType.Int64, TensorDimension.Free("batch")), Info("p", ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Fixed(2))],
        },
    };

    private static OnnxValueInfo Info(string name, ElementType type, params ReadOnlySpan<TensorDimension> shape) => new(name, new TensorSpec(name, type, shape));
}
