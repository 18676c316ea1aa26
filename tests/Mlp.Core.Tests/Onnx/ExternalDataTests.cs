using System.Text;

namespace Mlp.Core.Tests.Onnx;

/// <summary>A model may not make anybody open another file, wherever in it the wish is hidden (CVE-2022-25882, CVE-2024-27318).</summary>
public class ExternalDataTests
{
    private static readonly string[] Locations = ["../secret", "/etc/passwd", "weights.bin", "a/../../b"];

    private static readonly string[] AllPlaces = ["initializer", "constant", "branch", "function", "default", "int4", "tensors", "graphs", "sparse", "sparse places", "sparse constant", "sparse constants"];

    public static TheoryData<string, string> Places
    {
        get
        {
            var places = new TheoryData<string, string>();
            foreach (var place in AllPlaces)
            {
                foreach (var location in Locations)
                {
                    places.Add(place, location);
                }
            }

            return places;
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Data_in_another_file_is_refused(string place, string location)
    {
        var error = Assert.Throws<MlpException>(() => OnnxModel.Read(Model(place, Tensor(location, elements: 2, place == "int4" ? 22 : 1))));
        Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
        Assert.Contains("lies in another file", error.Message, StringComparison.Ordinal);

        // Also of a tensor without an element, which needs no data at all.
        Assert.Contains("lies in another file", Assert.Throws<MlpException>(() => OnnxModel.Read(Model(place, Tensor(location, elements: 0)))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("initializer")]
    [InlineData("constant")]
    [InlineData("branch")]
    [InlineData("function")]
    public void Data_in_the_file_itself_is_read(string place) =>
        Assert.Single(OnnxModel.Read(Model(place, Tensor(location: null, elements: 2))).Graph.Nodes);

    private static byte[] Tensor(string? location, int elements, int type = 1)
    {
        List<byte> tensor = [.. Varint(1, elements), .. Varint(2, type), .. Field(8, "w"u8)];
        if (location is null)
        {
            tensor.AddRange(Field(9, new byte[4 * elements]));
            return [.. tensor];
        }

        return [.. tensor, .. Field(13, [.. Field(1, "location"u8), .. Field(2, Encoding.UTF8.GetBytes(location))]), .. Varint(14, 1)];
    }

    private static byte[] Model(string place, byte[] tensor)
    {
        var constant = Node("Constant", [.. Field(1, "value"u8), .. Field(5, tensor), .. Varint(20, 4)]);
        var plain = Node("Identity", null);
        return place switch
        {
            "initializer" or "int4" => [.. Field(7, [.. Field(1, plain), .. Field(5, tensor)])],
            "constant" => [.. Field(7, Field(1, constant))],
            "branch" => [.. Field(7, Field(1, Node("If", [.. Field(1, "then_branch"u8), .. Field(6, Field(1, constant)), .. Varint(20, 5)])))],
            "default" => [.. Field(7, Field(1, plain)), .. Field(25, [.. Field(1, "f"u8), .. Field(11, [.. Field(1, "a"u8), .. Field(5, tensor), .. Varint(20, 4)])])],
            "tensors" => Attribute(10, tensor, 9),
            "graphs" => Attribute(11, Field(1, constant), 10),
            "sparse" => Field(7, [.. Field(1, plain), .. Field(15, Field(1, tensor))]),
            "sparse places" => Field(7, [.. Field(1, plain), .. Field(15, Field(2, tensor))]),
            "sparse constant" => Attribute(22, Field(1, tensor), 11),
            "sparse constants" => Attribute(23, Field(2, tensor), 12),
            _ => [.. Field(7, Field(1, plain)), .. Field(25, [.. Field(1, "f"u8), .. Field(7, constant)])],
        };
    }

    private static byte[] Attribute(int field, byte[] content, int kind) => Field(7, Field(1, Node("Thing", [.. Field(1, "a"u8), .. Field(field, content), .. Varint(20, kind)])));

    private static byte[] Node(string type, byte[]? attribute) =>
        [.. Field(2, "y"u8), .. Field(4, Encoding.UTF8.GetBytes(type)), .. attribute is null ? [] : Field(5, attribute)];

    // The wire format of Protocol Buffers: a tag of field and kind, then a length and bytes (2) or a number in groups of seven bits (0).
    private static byte[] Field(int field, ReadOnlySpan<byte> content) => [.. Number((field << 3) | 2), .. Number(content.Length), .. content];

    private static byte[] Varint(int field, int value) => [.. Number(field << 3), .. Number(value)];

    private static List<byte> Number(int value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return bytes;
    }
}
