using CsCheck;

namespace Mlp.Core.Tests.Onnx;

/// <summary>What only a runtime reads is carried through: nothing of it is lost, nothing of it is trusted.</summary>
public class CarriedTests
{
    // Name, number and bits of the element types of ONNX that no element type of this library is.
    private static readonly (string Name, int Number, int Bits)[] Types =
    [
        ("complex64", 14, 64), ("complex128", 15, 128), ("float8e4m3fn", 17, 8), ("float8e4m3fnuz", 18, 8), ("float8e5m2", 19, 8), ("float8e5m2fnuz", 20, 8),
        ("uint4", 21, 4), ("int4", 22, 4), ("float4e2m1", 23, 4), ("float8e8m0", 24, 8), ("uint2", 25, 2), ("int2", 26, 2),
    ];

    [Fact]
    public void Every_number_up_to_the_newest_is_an_element_type_or_is_carried()
    {
        var known = Enum.GetValues<ElementType>().Where(t => t != ElementType.Undefined).Select(t => (int)t);
        Assert.Equal(Enumerable.Range(1, 26), known.Concat(Types.Select(t => t.Number)).Order());
    }

    [Fact]
    public void A_tensor_of_a_carried_type_keeps_its_bytes_for_every_length_and_a_wrong_length_is_refused()
    {
        foreach (var (name, number, bits) in Types)
        {
            for (var elements = 0; elements < 20; elements++)
            {
                var bytes = ((elements * bits) + 7) / 8;
                foreach (var data in Forms(number, bytes))
                {
                    var tensor = Tensor("w", number, [elements], data);
                    var read = OnnxModel.Read(File(Initializer(tensor))).Graph.Initializers["w"];
                    Assert.Equal((ElementType.Undefined, name, $"{name}[{elements}]"), (read.Type, read.TypeName, read.ToString()));
                    Assert.Equal(Tensor(null, number, [elements], data).Written, read.Unread.Span);
                    Assert.Equal(read.Unread.ToArray(), OnnxModel.Read(new OnnxModel { Graph = new OnnxGraph { Initializers = new Dictionary<string, OnnxTensor> { ["other"] = read } } }.Write()).Graph.Initializers["other"].Unread.ToArray());
                    Assert.Contains(name, Assert.Throws<MlpException>(() => read.Floats()).Message, StringComparison.Ordinal);
                    Assert.Contains(name, Assert.Throws<MlpException>(() => read.Ints()).Message, StringComparison.Ordinal);
                }

                foreach (var data in Forms(number, bytes + 1))
                {
                    var error = Assert.Throws<MlpException>(() => OnnxModel.Read(File(Initializer(Tensor("w", number, [elements], data)))));
                    Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
                    Assert.Contains($"'w' of {name}[{elements}]", error.Message, StringComparison.Ordinal);
                }
            }

            Assert.Throws<MlpException>(() => OnnxModel.Read(File(Initializer(Tensor("w", number, [1L << 62, 1L << 62], new ProtoWriter())))));
            Assert.Throws<MlpException>(() => OnnxModel.Read(File(Initializer(Tensor("w", number, [-1], new ProtoWriter())))));
        }
    }

    [Theory]
    [InlineData(0, "no element type")]
    [InlineData(27, "the unknown element type 27")]
    [InlineData(-1, "the unknown element type -1")]
    [InlineData(int.MaxValue, "the unknown element type 2147483647")]
    public void A_type_of_tomorrow_is_left_to_the_runtime(long number, string name)
    {
        var read = OnnxModel.Read(File(Initializer(Tensor("w", number, [3], new ProtoWriter().Bytes(9, [1, 2, 3, 4, 5]))))).Graph.Initializers["w"];
        Assert.Equal((ElementType.Undefined, name), (read.Type, read.TypeName));
    }

    public static readonly TheoryData<string, int, int> Kinds = new()
    {
        { "a list of tensors", 9, 10 }, { "a list of graphs", 10, 11 }, { "a sparse tensor", 11, 22 }, { "a list of sparse tensors", 12, 23 },
        { "a type", 13, 14 }, { "a list of types", 14, 15 }, { "of the unknown kind 15", 15, 99 }, { "of the unknown kind 0", 0, 99 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_attribute_of_a_kind_that_is_not_read_keeps_its_bytes(string name, int kind, int field)
    {
        var content = Content(field);
        var value = new ProtoWriter().Bytes(field, content).Bytes(field, content).Int64(20, kind).Text(13, "documented").Written.ToArray();
        var read = OnnxModel.Read(File(new ProtoWriter(), value)).Graph.Nodes[0].Attributes["a"];
        Assert.Equal(value, read.Unread.ToArray());
        Assert.Equal(name, read.UnreadKind);
        Assert.Equal((null, null, null, null), (read.Float, read.Int, read.Tensor, read.Graph));
        Assert.Equal(value, OnnxModel.Read(OnnxModel.Read(File(new ProtoWriter(), value)).Write()).Graph.Nodes[0].Attributes["a"].Unread.ToArray());
    }

    [Fact]
    public void Bytes_where_most_models_have_texts_are_carried()
    {
        byte[] bytes = [0xff, 0x00, 0xc0];
        foreach (var value in new[] { new ProtoWriter().Bytes(4, bytes).Int64(20, 3), new ProtoWriter().Text(9, "a").Bytes(9, bytes).Int64(20, 8) })
        {
            var read = OnnxModel.Read(File(new ProtoWriter(), value.Written.ToArray())).Graph.Nodes[0].Attributes["a"];
            Assert.Equal("bytes that are no text", read.UnreadKind);
            Assert.Equal(value.Written, read.Unread.Span);
        }

        var texts = OnnxModel.Read(File(Initializer(Tensor("w", 8, [2], new ProtoWriter().Text(6, "a").Bytes(6, bytes))))).Graph.Initializers["w"];
        Assert.Equal("string of bytes[2]", texts.ToString());
        Assert.Throws<MlpException>(() => OnnxModel.Read(File(Initializer(Tensor("w", 8, [3], new ProtoWriter().Text(6, "a").Bytes(6, bytes))))));
    }

    [Fact]
    public void A_sparse_initializer_is_carried_under_its_name()
    {
        foreach (var places in new[] { Tensor(null, 7, [2], new ProtoWriter().Int64s(7, [0, 5])), Tensor(null, 7, [2, 2], new ProtoWriter().Int64s(7, [0, 0, 1, 2])), Tensor(null, 3, [2], new ProtoWriter().Bytes(9, [0, 5])) })
        {
            var read = OnnxModel.Read(File(Sparse(2, places, 2, 3)));
            var tensor = read.Graph.Initializers["s"];
            Assert.Equal("sparse float32[2, 3]", tensor.ToString());
            Assert.Equal(File(Sparse(2, places, 2, 3)), read.Write());
            Assert.Throws<MlpException>(() => tensor.Floats());
        }
    }

    [Fact]
    public void A_sparse_tensor_that_lies_is_refused()
    {
        var good = Tensor(null, 7, [2], new ProtoWriter().Int64s(7, [0, 5]));
        Assert.Contains("more than", Refused(Sparse(2, good, 1L << 20, 1L << 20)), StringComparison.Ordinal);
        Assert.Contains("more than", Refused(Sparse(2, good, -2, 3)), StringComparison.Ordinal);
        Assert.Contains("at the place 6", Refused(Sparse(2, Tensor(null, 7, [2], new ProtoWriter().Int64s(7, [0, 6])), 2, 3)), StringComparison.Ordinal);
        Assert.Contains("at the place -1", Refused(Sparse(2, Tensor(null, 7, [2], new ProtoWriter().Int64s(7, [-1, 5])), 2, 3)), StringComparison.Ordinal);
        Assert.Contains("at the place 3", Refused(Sparse(2, Tensor(null, 7, [2, 2], new ProtoWriter().Int64s(7, [0, 0, 1, 3])), 2, 3)), StringComparison.Ordinal);
        Assert.Contains("expected a place", Refused(Sparse(3, good, 2, 3)), StringComparison.Ordinal);
        Assert.Contains("expected a place", Refused(Sparse(2, Tensor(null, 22, [2], new ProtoWriter().Bytes(9, [5])), 2, 3)), StringComparison.Ordinal);
        Assert.Contains("expected a place", Refused(Sparse(2, null, 2, 3)), StringComparison.Ordinal);
        Assert.Contains("without values", Refused(new ProtoWriter().Message(15, s => s.Bytes(2, good.Written))), StringComparison.Ordinal);

        static string Refused(ProtoWriter graph)
        {
            var error = Assert.Throws<MlpException>(() => OnnxModel.Read(File(graph)));
            Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
            return error.Message;
        }
    }

    [Fact]
    public void What_the_reader_passes_over_is_written_back()
    {
        var file = Everything();
        var model = OnnxModel.Read(file);
        var once = model.Write();
        var read = OnnxModel.Read(once);
        Assert.Equal(once, read.Write());
        Assert.Equal(file.Length, once.Length);
        Assert.Equal(model.Unread.ToArray(), read.Unread.ToArray());
        Assert.Equal(model.Graph.Unread.ToArray(), read.Graph.Unread.ToArray());
        Assert.Equal(model.Graph.Nodes[0].Unread.ToArray(), read.Graph.Nodes[0].Unread.ToArray());
        Assert.Equal(model.Graph.Outputs[1].Unread.ToArray(), read.Graph.Outputs[1].Unread.ToArray());

        // Every byte of the file is in the other one, in its own order.
        Array.Sort(file);
        Array.Sort(once);
        Assert.Equal(file, once);
    }

    [Fact]
    public void Every_truncation_and_random_damage_is_read_or_refused_with_a_typed_error()
    {
        var valid = Everything();
        for (var length = 0; length < valid.Length; length++)
        {
            ReadOrRefuse(valid.AsSpan(0, length).ToArray());
        }

        Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Byte, Gen.Int[0, valid.Length - 1], Gen.Byte).Sample(damage =>
        {
            var bytes = (byte[])valid.Clone();
            bytes[damage.Item1] = damage.Item2;
            bytes[damage.Item3] = damage.Item4;
            ReadOrRefuse(bytes);
        }, iter: 50_000);

        static void ReadOrRefuse(byte[] bytes)
        {
            try
            {
                // What is read is written and read again, and its signature stated.
                var model = OnnxModel.Read(OnnxModel.Read(bytes).Write());
                model.Signature();
            }
            catch (MlpException e)
            {
                Assert.Equal(ErrorCodes.ModelInvalid, e.Code);
            }
        }
    }

    [Fact]
    public void Lists_of_graphs_count_as_graphs_inside_one_another()
    {
        var graph = new ProtoWriter().Text(2, "g").Written.ToArray();
        for (var i = 0; i < 20; i++)
        {
            var inner = graph;
            graph = new ProtoWriter().Message(1, node => node.Text(4, "Thing").Message(5, attribute => attribute.Text(1, "a").Bytes(11, inner).Int64(20, 10))).Written.ToArray();
        }

        var file = new ProtoWriter().Bytes(7, graph).Written.ToArray();
        Assert.Contains("16 graphs", Assert.Throws<MlpException>(() => OnnxModel.Read(file)).Message, StringComparison.Ordinal);
    }

    private static byte[] Content(int field) => field switch
    {
        10 => Tensor("t", 22, [2], new ProtoWriter().Bytes(9, [0x21])).Written.ToArray(),
        11 => new ProtoWriter().Text(2, "g").Written.ToArray(),
        22 or 23 => SparseMessage(new ProtoWriter(), 2, Tensor(null, 7, [2], new ProtoWriter().Int64s(7, [0, 5])), 2, 3).Written.ToArray(),
        14 or 15 => new ProtoWriter().Message(9, o => o.Message(1, t => t.Message(1, e => e.Int64(1, 22)))).Written.ToArray(),
        _ => [1, 2, 3],
    };

    private static ProtoWriter[] Forms(int number, int bytes)
    {
        var raw = new byte[bytes];
        new Random(bytes).NextBytes(raw);
        var form = number switch
        {
            14 => new ProtoWriter().Floats(4, new float[bytes / 4]),
            15 => new ProtoWriter().Bytes(10, new byte[bytes / 8 * 8]),
            _ => new ProtoWriter().Int64s(5, [.. raw.Select(b => (long)b)]),
        };

        // One byte too many is none in floats and doubles.
        return number is 14 or 15 && bytes % 8 != 0 ? [new ProtoWriter().Bytes(9, raw)] : [new ProtoWriter().Bytes(9, raw), form];
    }

    private static ProtoWriter Tensor(string? name, long type, ReadOnlySpan<long> shape, ProtoWriter data)
    {
        var writer = new ProtoWriter();
        foreach (var length in shape)
        {
            writer.Int64(1, length);
        }

        writer.Int64(2, type).Raw(data.Written);
        return name is null ? writer : writer.Text(8, name);
    }

    private static ProtoWriter Sparse(int values, ProtoWriter? places, params long[] shape) => new ProtoWriter().Message(15, s => SparseMessage(s, values, places, shape));

    // Fields as the writer orders them.
    private static ProtoWriter SparseMessage(ProtoWriter writer, int values, ProtoWriter? places, params long[] shape)
    {
        writer.Message(1, v => v.Int64(1, values).Int64(2, 1).Text(8, "s").Bytes(9, new byte[4 * values]));
        if (places is not null)
        {
            writer.Bytes(2, places.Written);
        }

        return writer.Int64s(3, shape);
    }

    private static byte[] File(ProtoWriter graph) => File(graph, null);

    private static byte[] File(ProtoWriter graph, byte[]? attribute) => new ProtoWriter().Int64(1, 12).Text(2, "t").Message(7, g =>
    {
        if (attribute is not null)
        {
            g.Message(1, n => n.Text(2, "y").Text(3, "").Text(4, "Thing").Message(5, a => a.Text(1, "a").Raw(attribute)));
        }

        g.Text(2, "g").Raw(graph.Written);
    }).Written.ToArray();

    private static ProtoWriter Initializer(ProtoWriter tensor) => new ProtoWriter().Bytes(5, tensor.Written);

    // A file that has all there is to carry.
    private static byte[] Everything() => new ProtoWriter().Int64(1, 12).Text(2, "t").Text(3, "9.9").Message(7, g =>
    {
        foreach (var (kind, field) in new[] { (9, 10), (10, 11), (11, 22), (12, 23), (13, 14), (14, 15) })
        {
            g.Message(1, n => n.Text(2, "y").Text(3, "").Text(4, "Thing").Message(5, a => a.Text(1, "a").Bytes(field, Content(field)).Int64(20, kind)).Text(6, "documented").Text(8, "overload"));
        }

        g.Text(2, "g");
        foreach (var (name, number, bits) in Types)
        {
            g.Bytes(5, Tensor(name, number, [4], new ProtoWriter().Bytes(9, new byte[bits / 2])).Written);
        }

        g.Raw(Sparse(2, Tensor(null, 7, [2], new ProtoWriter().Int64s(7, [0, 5])), 2, 3).Written);
        g.Message(11, i => i.Text(1, "x").Message(2, t => t.Message(1, e => e.Int64(1, 1).Message(2, _ => { }))).Text(3, "documented"));
        g.Message(12, o => o.Text(1, "y").Message(2, t => t.Message(1, e => e.Int64(1, 1))));
        g.Message(12, o => o.Text(1, "z").Message(2, t => t.Message(4, s => s.Message(1, i => i.Message(1, e => e.Int64(1, 22))))));
        g.Text(10, "documented").Message(13, v => v.Text(1, "h").Message(2, t => t.Message(1, e => e.Int64(1, 17)))).Message(14, q => q.Text(1, "w"));
    }).Message(25, f => f.Text(1, "f").Message(7, n => n.Text(4, "Constant").Message(5, a => a.Text(1, "value").Int64(20, 4).Text(21, "factor")))).Written.ToArray();
}
