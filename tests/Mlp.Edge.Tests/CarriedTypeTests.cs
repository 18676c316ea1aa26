using Mlp.Core;

namespace Mlp.Edge.Tests;

/// <summary>Models with constants and attributes that only other runtimes read.</summary>
public class CarriedTypeTests
{
    private static readonly TensorDimension Batch = TensorDimension.Free("batch");

    // An initializer in the wire format: dims [3], data_type 22 (int4), the name w, two bytes of data.
    private static readonly byte[] Int4 = [0x2a, 11, 0x08, 3, 0x10, 22, 0x42, 1, (byte)'w', 0x4a, 2, 0x21, 0x0f];

    [Fact]
    public void A_constant_that_is_not_read_is_named_with_its_node_and_type()
    {
        var error = Refused(new OnnxNode { OpType = "Add", Name = "adds", Inputs = ["x", "w"], Outputs = ["y"] });
        Assert.Contains("Add 'adds': the constant 'w' is int4[3]", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_constant_of_another_type_is_named_with_its_node_and_type()
    {
        var error = Refused(new OnnxNode { OpType = "Add", Name = "adds", Inputs = ["x", "longs"], Outputs = ["y"] });
        Assert.Contains("Add 'adds': the constant 'longs' is int64[3], the input before it float32; expected one type", error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_attribute_that_is_not_read_is_named_with_its_node_and_kind()
    {
        // The field 20, the kind: 13, a type.
        var error = Refused(new OnnxNode { OpType = "Relu", Name = "n", Inputs = ["x"], Outputs = ["y"], Attributes = new Dictionary<string, OnnxAttribute> { ["type"] = new OnnxAttribute { Unread = new byte[] { 0xa0, 1, 13 } } } });
        Assert.Contains("Relu 'n': the attribute 'type' is a type", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_constant_that_no_node_reads_stops_nothing()
    {
        var session = EdgeModel.Load(Model(new OnnxNode { OpType = "Relu", Inputs = ["x"], Outputs = ["y"] })).CreateSession();
        Assert.Equal([0f, 2, 0], session.Run([-1f, 2, -3]).ToArray());
    }

    private static string Refused(OnnxNode node)
    {
        var error = Assert.Throws<MlpException>(() => EdgeModel.Load(Model(node)));
        Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
        return error.Message;
    }

    private static byte[] Model(OnnxNode node) => new OnnxModel
    {
        Opsets = new Dictionary<string, long> { [""] = 21 },
        Graph = new OnnxGraph
        {
            Nodes = [node],
            Initializers = new Dictionary<string, OnnxTensor> { ["longs"] = OnnxTensor.Of([1L, 2, 3], 3) },
            Inputs = [new OnnxValueInfo("x", new TensorSpec("x", ElementType.Float32, Batch, TensorDimension.Fixed(3)))],
            Outputs = [new OnnxValueInfo("y", new TensorSpec("y", ElementType.Float32, Batch, TensorDimension.Fixed(3)))],
            Unread = Int4,
        },
    }.Write();
}
