using Mlp.Core;
using Mlp.Edge.Tests.Models;

namespace Mlp.Edge.Tests.Operators;

/// <summary>Scalers and encoders of ai.onnx.ml, against ONNX Runtime over seeded rows.</summary>
public class TraditionalTests
{
    private const int Rows = 40;
    private const int Width = 4;

    private static readonly ElementType[] Numbers = [ElementType.Float32, ElementType.Float64, ElementType.Int64, ElementType.Int32];

    [Fact]
    public void Scalers_and_normalizers_of_every_number_type()
    {
        foreach (var type in Numbers)
        {
            var rows = RandomColumns.Of(type, 1, Rows * Width);
            new OperatorCase().Input("x", Width, rows).Node("ml.Scaler", "x", "y", ("offset", new[] { 1f, 0.5f, -2, 0.1f }), ("scale", new[] { 2f, 0.3f, -1, 7 })).Node("ml.Scaler", "x", "z", ("offset", new[] { 0.7f }), ("scale", new[] { 3f }))
                .Output("y", ElementType.Float32, Width).Output("z", ElementType.Float32, Width).Agree();
            foreach (var norm in (string[])["MAX", "L1", "L2"])
            {
                Array zeros = RandomColumns.Of(type, 1, Rows * Width);
                Array.Clear(zeros, 8, 4);
                new OperatorCase().Input("x", Width, zeros).Node("ml.Normalizer", "x", "y", ("norm", norm)).Output("y", ElementType.Float32, Width).Agree(1e-6);
            }
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(0f)]
    [InlineData(2f)]
    public void Imputers_replace_any_one_value(float replaced)
    {
        var floats = RandomColumns.Floats(2, Rows * Width, special: true);
        new OperatorCase().Input("x", Width, floats).Node("ml.Imputer", "x", "y", ("replaced_value_float", replaced), ("imputed_value_floats", new[] { 10f, 20, 30, 40 })).Node("ml.Imputer", "x", "z", ("replaced_value_float", replaced), ("imputed_value_floats", new[] { 5f }))
            .Output("y", ElementType.Float32, Width).Output("z", ElementType.Float32, Width).Agree();
        if (!float.IsNaN(replaced))
        {
            new OperatorCase().Input("x", Width, RandomColumns.Longs(3, Rows * Width)).Node("ml.Imputer", "x", "y", ("replaced_value_int64", (long)replaced), ("imputed_value_int64s", new long[] { 10, 20, 30, 40 })).Output("y", ElementType.Int64, Width).Agree();
        }
    }

    [Fact]
    public void Binarizers_and_vectorizers()
    {
        new OperatorCase().Input("x", Width, RandomColumns.Floats(4, Rows * Width)).Node("ml.Binarizer", "x", "y", ("threshold", 0.5f)).Node("ml.Binarizer", "x", "z").Output("y", ElementType.Float32, Width).Output("z", ElementType.Float32, Width).Agree();
        foreach (var type in Numbers)
        {
            new OperatorCase().Input("a", 3, RandomColumns.Of(type, 5, Rows * 3)).Input("b", 2, RandomColumns.Of(type, 6, Rows * 2))
                .Node("ml.FeatureVectorizer", "a b a", "y", ("inputdimensions", new long[] { 3, 4, 2 })).Output("y", ElementType.Float32, 9).Agree();
        }

        var session = EdgeModel.Load(new OperatorCase().Input("x", 2, new float[2]).Node("ml.Binarizer", "x", "y").Output("y", ElementType.Float32, 2).Model().Write()).CreateSession(2);
        session.Input()[3] = float.NaN;
        Assert.Contains("row 1 has NaN in column 1", Assert.Throws<MlpException>(() => session.Run(2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_hot_encoders_of_texts_and_of_every_number_type()
    {
        new OperatorCase().Input("x", 2, RandomColumns.Texts(7, Rows * 2)).Constant("s", OnnxTensor.Of([-1L, 8], 2)).Node("ml.OneHotEncoder", "x", "h", ("cats_strings", RandomColumns.Words[..4])).Node("Reshape", "h s", "y").Output("h", ElementType.Float32, 2, 4).Output("y", ElementType.Float32, 8).Agree();
        foreach (var type in (ElementType[])[ElementType.Float32, ElementType.Float64, ElementType.Int64])
        {
            new OperatorCase().Input("x", 1, RandomColumns.Of(type, 8, Rows)).Input("v", 0, RandomColumns.Of(type, 9, Rows)).Constant("one", OnnxTensor.Of([1L], 1))
                .Node("ml.OneHotEncoder", "x", "h", ("cats_int64s", new long[] { 3, -1, 0, 2, 3 })).Node("Squeeze", "h one", "y").Node("ml.OneHotEncoder", "v", "z", ("cats_int64s", new long[] { 1, 2 })).Node("Concat", "h h", "w", ("axis", 2L))
                .Output("y", ElementType.Float32, 5).Output("z", ElementType.Float32, 2).Output("w", ElementType.Float32, 1, 10).Agree();
        }
    }

    [Fact]
    public void An_unknown_category_is_named_with_its_row_where_zeros_are_not_allowed()
    {
        var texts = EdgeModel.Load(new OperatorCase().Input("x", 1, new[] { "a" }).Node("ml.OneHotEncoder", "x", "y", ("cats_strings", new[] { "a", "b" }), ("zeros", 0L)).Output("y", ElementType.Float32, 1, 2).Model().Write()).CreateSession(3);
        (texts.Texts()[0], texts.Texts()[1], texts.Texts()[2]) = ("a", "b", "blue");
        texts.Run(2);
        var error = Assert.Throws<MlpException>(() => texts.Run(3));
        Assert.Equal(ErrorCodes.TensorMismatch, error.Code);
        Assert.Contains("row 2 has 'blue'", error.Message, StringComparison.Ordinal);
        var numbers = EdgeModel.Load(new OperatorCase().Input("x", 2, new long[2]).Node("ml.OneHotEncoder", "x", "y", ("cats_int64s", new long[] { 0, 1 }), ("zeros", 0L)).Output("y", ElementType.Float32, 2, 2).Model().Write()).CreateSession(2);
        numbers.Input<long>()[3] = 7;
        Assert.Contains("row 1 has 7", Assert.Throws<MlpException>(() => numbers.Run(2)).Message, StringComparison.Ordinal);
    }

    public static TheoryData<ElementType, ElementType, long> Encoders()
    {
        var data = new TheoryData<ElementType, ElementType, long>();
        ElementType[] types = [ElementType.String, ElementType.Int64, ElementType.Float32];
        foreach (var from in types)
        {
            foreach (var to in types)
            {
                if (from != to || from == ElementType.Int64)
                {
                    data.Add(from, to, 4);
                    if (from != to)
                    {
                        data.Add(from, to, 2);
                    }
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Encoders))]
    public void Label_encoders_of_lists(ElementType from, ElementType to, long version)
    {
        var keys = from switch
        {
            ElementType.String => ("keys_strings", (OnnxAttribute)new[] { "red", "", "größe", "red" }),
            ElementType.Int64 => ("keys_int64s", new long[] { 1, -2, 0, 1 }),
            _ => ("keys_floats", new[] { 1f, float.NaN, 0, -0f }),
        };
        var (values, other) = to switch
        {
            ElementType.String => (("values_strings", (OnnxAttribute)new[] { "A", "ß", "C", "D" }), ("default_string", (OnnxAttribute)"none")),
            ElementType.Int64 => (("values_int64s", new long[] { 10, 20, 30, 40 }), ("default_int64", 7L)),
            _ => (("values_floats", new[] { 0.5f, 1.5f, 2.5f, 3.5f }), ("default_float", 9f)),
        };
        new OperatorCase { Ml = version }.Input("x", 2, RandomColumns.Of(from, 10, Rows * 2, special: true)).Node("ml.LabelEncoder", "x", "y", keys, values, other).Node("ml.LabelEncoder", "x", "z", keys, values)
            .Output("y", to, 2).Output("z", to, 2).Agree();
    }

    [Fact]
    public void Label_encoders_of_tensors_and_of_version_1()
    {
        foreach (var (from, to) in ((ElementType, ElementType)[])[(ElementType.Float64, ElementType.Float64), (ElementType.Float64, ElementType.String), (ElementType.String, ElementType.Float64), (ElementType.Int64, ElementType.Int64), (ElementType.Float64, ElementType.Int64), (ElementType.Int64, ElementType.Float64)])
        {
            OnnxTensor keys = from == ElementType.Float64 ? OnnxTensor.Of([1.0, double.NaN, 0, -2], 4) : from == ElementType.String ? OnnxTensor.Of(RandomColumns.Words[..4], 4) : OnnxTensor.Of([1L, 2, 3, -4], 4);
            new OperatorCase { Ml = 4 }.Input("x", 1, RandomColumns.Of(from, 11, Rows, special: true)).Node("ml.LabelEncoder", "x", "y", ("keys_tensor", new OnnxAttribute { Tensor = keys }), ("values_tensor", new OnnxAttribute { Tensor = RandomColumns.Tensor(to, 12, 4) }), ("default_tensor", new OnnxAttribute { Tensor = RandomColumns.Tensor(to, 13, 1) }))
                .Output("y", to, 1).Agree();
        }

        new OperatorCase { Ml = 1 }.Input("t", 1, RandomColumns.Texts(14, Rows)).Input("n", 1, RandomColumns.Longs(15, Rows))
            .Node("ml.LabelEncoder", "t", "y", ("classes_strings", RandomColumns.Words[..3]), ("default_int64", -7L), ("default_string", "?")).Node("ml.LabelEncoder", "n", "z", ("classes_strings", RandomColumns.Words[..3]), ("default_int64", -7L), ("default_string", "?"))
            .Output("y", ElementType.Int64, 1).Output("z", ElementType.String, 1).Agree();
    }

    [Fact]
    public void Category_mappers_go_both_ways()
    {
        new OperatorCase().Input("t", 1, RandomColumns.Texts(16, Rows)).Input("n", 1, RandomColumns.Longs(17, Rows))
            .Node("ml.CategoryMapper", "t", "y", ("cats_strings", RandomColumns.Words[..3]), ("cats_int64s", new long[] { 2, -1, 4 }), ("default_int64", -7L), ("default_string", "?"))
            .Node("ml.CategoryMapper", "n", "z", ("cats_strings", RandomColumns.Words[..3]), ("cats_int64s", new long[] { 2, -1, 4 }), ("default_int64", -7L), ("default_string", "?"))
            .Output("y", ElementType.Int64, 1).Output("z", ElementType.String, 1).Agree();
    }

    [Theory]
    [InlineData("ml.Normalizer", "x", "'norm' = 'L3'")]
    [InlineData("ml.Scaler", "x", "'offset' of 3 constants")]
    [InlineData("ml.LabelEncoder", "x", "no keys")]
    [InlineData("ml.SVMRegressor", "x", "'post_transform' = 'LOGISTIC'")]
    [InlineData("ml.OneHotEncoder", "x", "with cats_strings")]
    [InlineData("ml.Imputer", "i", "int32[batch, 2]")]
    [InlineData("ml.Normalizer", "v", "float32[batch]")]
    public void Forms_that_are_not_supported_name_operator_node_domain_version_and_what_is(string op, string input, string found)
    {
        var refusal = new OperatorCase().Input("x", 2, new float[2]).Input("i", 2, new int[2]).Input("v", 0, new float[1])
            .Node(op, input, "y", ("norm", input == "x" ? "L3" : "L1"), ("offset", new float[3]), ("scale", new float[3]), ("coefficients", new float[2]), ("rho", new float[1]), ("post_transform", "LOGISTIC"), ("cats_strings", new[] { "a" })).Output("y", ElementType.Float32, 2).Refusal();
        foreach (var part in (string[])[$"{op[3..]} 'n0'", "'ai.onnx.ml', version 3", found, "expected"])
        {
            Assert.Contains(part, refusal, StringComparison.Ordinal);
        }
    }
}
