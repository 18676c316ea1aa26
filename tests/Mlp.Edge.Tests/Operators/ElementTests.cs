using Mlp.Core;
using Mlp.Edge.Tests.Models;

namespace Mlp.Edge.Tests.Operators;

/// <summary>Operators of single elements, against ONNX Runtime over seeded rows.</summary>
public class ElementTests
{
    private const int Rows = 40;
    private const int Width = 5;

    private static readonly ElementType[] Numbers = [ElementType.Float32, ElementType.Float64, ElementType.Int64, ElementType.Int32];

    public static TheoryData<string, ElementType, int> Arithmetic()
    {
        var data = new TheoryData<string, ElementType, int>();
        foreach (var op in (string[])["Add", "Sub", "Mul", "Div", "Min", "Max"])
        {
            foreach (var type in Numbers)
            {
                for (var form = 0; form < 6; form++)
                {
                    data.Add(op, type, form);
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Arithmetic))]
    public void Two_operands_of_every_type_and_form(string op, ElementType type, int form) => Binary(op, type, type, form).Agree();

    public static TheoryData<string, ElementType> Comparisons()
    {
        var data = new TheoryData<string, ElementType>();
        foreach (var op in (string[])["Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual"])
        {
            foreach (var type in Numbers)
            {
                data.Add(op, type);
            }
        }

        data.Add("Equal", ElementType.Bool);
        data.Add("Equal", ElementType.String);
        data.Add("And", ElementType.Bool);
        data.Add("Or", ElementType.Bool);
        data.Add("Xor", ElementType.Bool);
        return data;
    }

    [Theory]
    [MemberData(nameof(Comparisons))]
    public void Comparisons_of_every_type_and_form(string op, ElementType type)
    {
        for (var form = 0; form < 6; form++)
        {
            Binary(op, type, ElementType.Bool, form).Agree();
        }
    }

    [Theory]
    [InlineData("Abs", true)]
    [InlineData("Neg", true)]
    [InlineData("Relu", true)]
    [InlineData("Exp", false)]
    [InlineData("Log", false)]
    [InlineData("Sqrt", false)]
    [InlineData("Reciprocal", false)]
    [InlineData("Sigmoid", false)]
    [InlineData("Softplus", false)]
    [InlineData("Tanh", false)]
    [InlineData("Softmax", false)]
    [InlineData("IsNaN", false)]
    public void Functions_of_one_operand(string op, bool integers)
    {
        foreach (var type in Numbers)
        {
            if ((integers || type is ElementType.Float32 or ElementType.Float64) && !(op == "Relu" && type == ElementType.Int64) && !(op == "Softplus" && type == ElementType.Float64))
            {
                var rows = RandomColumns.Of(type, 3, Rows * Width, special: op is "Abs" or "Neg" or "IsNaN");
                new OperatorCase().Input("x", Width, rows).Node(op, "x", "y").Output("y", op == "IsNaN" ? ElementType.Bool : type, Width).Agree(type == ElementType.Float64 ? 1e-12 : 1e-6);
            }
        }
    }

    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Float64)]
    public void Powers_by_constant_exponents_of_any_type(ElementType type)
    {
        foreach (var exponent in Numbers)
        {
            var rows = RandomColumns.Of(type, 4, Rows * Width);
            new OperatorCase().Input("x", Width, rows).Constant("two", RandomColumns.Tensor(exponent, 9, 1)).Node("Pow", "x two", "y").Output("y", type, Width).Agree(1e-6);
        }
    }

    [Fact]
    public void Not_and_where_of_every_type()
    {
        var bools = RandomColumns.Bools(1, Rows * Width);
        new OperatorCase().Input("b", Width, bools).Node("Not", "b", "y").Output("y", ElementType.Bool, Width).Agree();
        foreach (var type in (ElementType[])[.. Numbers, ElementType.String])
        {
            new OperatorCase().Input("b", Width, bools).Input("x", Width, RandomColumns.Of(type, 2, Rows * Width)).Input("z", 1, RandomColumns.Of(type, 3, Rows))
                .Constant("c", RandomColumns.Tensor(type, 4, Width))
                .Node("Where", "b x z", "p").Node("Where", "b c x", "q").Output("p", type, Width).Output("q", type, Width).Agree();
        }
    }

    [Fact]
    public void Clip_between_inputs_or_attributes()
    {
        foreach (var type in Numbers)
        {
            var rows = RandomColumns.Of(type, 5, Rows * Width, special: true);
            var one = RandomColumns.Of(type, 0, 1);
            new OperatorCase().Input("x", Width, rows).Constant("low", RandomColumns.Tensor(type, 11)).Constant("high", RandomColumns.Tensor(type, 12))
                .Node("Clip", "x low high", "y").Node("Clip", "x _ high", "z").Node("Clip", "x low", "w").Output("y", type, Width).Output("z", type, Width).Output("w", type, Width).Agree();
        }

        new OperatorCase { Opset = 6 }.Input("x", Width, RandomColumns.Floats(6, Rows * Width)).Node("Clip", "x", "y", ("min", -1f), ("max", 0.5f)).Output("y", ElementType.Float32, Width).Agree();
    }

    [Fact]
    public void Casts_among_numbers_and_texts()
    {
        ElementType[] types = [.. Numbers, ElementType.Bool];
        foreach (var from in types)
        {
            foreach (var to in (ElementType[])[.. types, ElementType.String])
            {
                new OperatorCase().Input("x", Width, RandomColumns.Of(from, 7, Rows * Width)).Node("Cast", "x", "y", ("to", (long)to)).Output("y", to, Width).Agree();
            }
        }

        float[] floats = [1e10f, 1.5e-7f, 0.1f, 123456789f, -0f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1234567.9f, 3];
        new OperatorCase().Input("x", 1, floats).Node("Cast", "x", "y", ("to", (long)ElementType.String)).Output("y", ElementType.String, 1).Agree();
        new OperatorCase().Input("x", 1, Array.ConvertAll(floats, static x => (double)x)).Node("Cast", "x", "y", ("to", (long)ElementType.String)).Output("y", ElementType.String, 1).Agree();
        string[] texts = ["1", "-2", "+3", " 4", "5.75", "6e2", "7abc", "008"];
        foreach (var to in Numbers)
        {
            new OperatorCase().Input("x", 1, texts).Node("Cast", "x", "y", ("to", (long)to)).Output("y", to, 1).Agree();
        }

        string[] more = ["NaN", "inf", "-INF", "nan", "1e-3", ".5", "-.25e1"];
        new OperatorCase().Input("x", 1, more).Node("Cast", "x", "y", ("to", (long)ElementType.Float32)).Output("y", ElementType.Float32, 1).Agree();
    }

    [Theory]
    [InlineData(ElementType.Int64, "seven")]
    [InlineData(ElementType.Int64, "99999999999999999999")]
    [InlineData(ElementType.Int32, "3000000000")]
    [InlineData(ElementType.Float32, "")]
    [InlineData(ElementType.Float32, "-")]
    public void A_text_that_is_no_number_is_named_with_its_row(ElementType to, string text)
    {
        var session = EdgeModel.Load(new OperatorCase().Input("x", 1, new[] { "1", text }).Node("Cast", "x", "y", ("to", (long)to)).Output("y", to, 1).Model().Write()).CreateSession(2);
        (session.Texts()[0], session.Texts()[1]) = ("1", text);
        var error = Assert.Throws<MlpException>(() => session.Run(2));
        Assert.Equal(ErrorCodes.TensorMismatch, error.Code);
        Assert.Contains($"row 1 has the text '{text}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whole_numbers_that_divide_by_zero_are_refused()
    {
        var session = EdgeModel.Load(new OperatorCase().Input("x", 1, new long[] { 1 }).Input("z", 1, new long[] { 0 }).Node("Div", "x z", "y").Output("y", ElementType.Int64, 1).Model().Write()).CreateSession();
        Assert.Equal(ErrorCodes.TensorMismatch, Assert.Throws<MlpException>(() => session.Run(1)).Code);
    }

    [Fact]
    public void Numbers_that_fit_no_whole_number_become_the_nearest()
    {
        var cast = new OperatorCase().Input("x", 1, new[] { float.NaN, float.PositiveInfinity, -1e30f, 2.9f, -2.9f }).Node("Cast", "x", "y", ("to", 6L)).Output("y", ElementType.Int32, 1);
        Assert.Equal(new[] { 0, int.MaxValue, int.MinValue, 2, -2 }, cast.Run()[0]);
    }

    [Theory]
    [InlineData("Add", "x", "a node of 1 inputs")]
    [InlineData("Exp", "l", "int64[batch, 5]")]
    [InlineData("Add", "x flat", "float32[batch]")]
    [InlineData("Add", "x column", "the same for every row")]
    [InlineData("Pow", "x x", "no constant")]
    [InlineData("Clip", "x one", "'min' that is no constant")]
    public void Forms_that_are_not_supported_name_operator_node_domain_version_and_what_is(string op, string inputs, string found)
    {
        var refusal = new OperatorCase().Input("x", Width, new float[Width]).Input("l", Width, new long[Width]).Input("flat", 0, new float[1]).Input("one", 1, new float[1])
            .Constant("column", OnnxTensor.Of(new float[2], 2, 1)).Node(op, inputs, "y").Output("y", ElementType.Float32, Width).Refusal();
        foreach (var part in (string[])[$"{op} 'n0'", "'ai.onnx', version 17", found, "expected"])
        {
            Assert.Contains(part, refusal, StringComparison.Ordinal);
        }
    }

    // Two values; a value and a constant row, either way; and a column or a single element beside a row.
    private static OperatorCase Binary(string op, ElementType type, ElementType result, int form)
    {
        var special = type is ElementType.Float32 or ElementType.Float64 && op is not ("Min" or "Max");
        var divides = op == "Div" && !special;
        var test = new OperatorCase { Opset = 19 }.Input("x", Width, RandomColumns.Of(type, form, Rows * Width, special));
        var (inputs, other) = form switch
        {
            0 => ("x z", Width),
            1 or 4 => ("x c", 0),
            2 => ("c x", 0),
            3 => ("x z", 1),
            _ => ("x c", 1),
        };
        if (form is 0 or 3)
        {
            test.Input("z", other, NotZero(RandomColumns.Of(type, 20 + form, Rows * other, special), divides));
        }
        else
        {
            test.Constant("c", divides ? Ones(type, form == 4 ? [1, Width] : form == 5 ? [] : [Width]) : RandomColumns.Tensor(type, 30 + form, form == 4 ? [1, Width] : form == 5 ? [] : [Width]));
        }

        if (form == 2 && divides)
        {
            inputs = "x c";
        }

        return test.Node(op, inputs, "y").Output("y", result, Width);
    }

    private static Array NotZero(Array values, bool whole)
    {
        for (var i = 0; whole && i < values.Length; i++)
        {
            if (Convert.ToInt64(values.GetValue(i), null) == 0)
            {
                values.SetValue(Convert.ChangeType(3, values.GetType().GetElementType()!, null), i);
            }
        }

        return values;
    }

    private static OnnxTensor Ones(ElementType type, long[] shape)
    {
        var count = (int)shape.Aggregate(1L, static (product, d) => product * d);
        return type == ElementType.Int64 ? OnnxTensor.Of([.. Enumerable.Repeat(-2L, count)], shape) : OnnxTensors.Of([.. Enumerable.Repeat(3, count)], shape);
    }
}
