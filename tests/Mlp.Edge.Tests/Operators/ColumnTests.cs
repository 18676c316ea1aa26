using Mlp.Core;
using Mlp.Edge.Tests.Models;

namespace Mlp.Edge.Tests.Operators;

/// <summary>Operators that move columns and shape rows, against ONNX Runtime.</summary>
public class ColumnTests
{
    private const int Rows = 23;

    private static readonly ElementType[] Types = [ElementType.Float32, ElementType.Float64, ElementType.Int64, ElementType.Int32, ElementType.Bool, ElementType.String];

    [Fact]
    public void Concat_of_every_type()
    {
        foreach (var type in Types)
        {
            new OperatorCase().Input("a", 2, RandomColumns.Of(type, 1, Rows * 2)).Input("b", 1, RandomColumns.Of(type, 2, Rows)).Input("c", 3, RandomColumns.Of(type, 3, Rows * 3))
                .Node("Concat", "a b c a", "y", ("axis", 1L)).Node("Concat", "b y", "z", ("axis", -1L)).Output("y", type, 8).Output("z", type, 9).Agree();
        }
    }

    [Fact]
    public void Slices_and_gathers_of_every_type()
    {
        foreach (var type in Types)
        {
            foreach (var (start, end, step) in ((long, long, long)[])[(0, 3, 1), (-2, 100, 1), (4, -100, -2), (1, -1, 3), (-100, 2, 1), (5, 0, -1)])
            {
                var slice = new OperatorCase().Input("x", 6, RandomColumns.Of(type, 4, Rows * 6))
                    .Constant("s", OnnxTensor.Of([start], 1)).Constant("e", OnnxTensor.Of([end], 1)).Constant("a", OnnxTensor.Of([1L], 1)).Constant("d", OnnxTensor.Of([step], 1))
                    .Node("Slice", "x s e a d", "y");
                var width = Enumerable.Range(0, 100).Count(i => step > 0 ? At(start, 6) + (i * step) < At(end, 6) : Math.Min(At(start, 6), 5) + (i * step) > (end < -6 ? -1 : At(end, 6)));
                slice.Output("y", type, width).Agree();
            }

            new OperatorCase().Input("x", 6, RandomColumns.Of(type, 5, Rows * 6)).Constant("i", OnnxTensor.Of([3L, -1, 0, 3], 4)).Constant("one", OnnxTensor.Of([2L]))
                .Node("Gather", "x i", "y", ("axis", 1L)).Node("Gather", "x one", "z", ("axis", 1L)).Output("y", type, 4).Output("z", type).Agree();
            if (type != ElementType.Bool)
            {
                new OperatorCase().Input("x", 6, RandomColumns.Of(type, 5, Rows * 6)).Constant("i", OnnxTensor.Of([3L, 5, 0, 3], 1, 4)).Node("ml.ArrayFeatureExtractor", "x i", "y").Output("y", type, 4).Agree();
            }
        }

        static long At(long index, long width) => Math.Clamp(index < 0 ? index + width : index, 0, width);
    }

    [Fact]
    public void A_list_of_constants_is_looked_up_by_row()
    {
        long[] rows = [0, 2, -1, 1, 3];
        foreach (var type in Types)
        {
            new OperatorCase().Input("i", 1, rows).Input("j", 0, rows).Constant("c", RandomColumns.Tensor(type, 6, 4)).Node("Gather", "c i", "y").Node("Gather", "c j", "z").Output("y", type, 1).Output("z", type).Agree();
        }

        var session = EdgeModel.Load(new OperatorCase().Input("i", 1, rows).Constant("c", OnnxTensor.Of([1f, 2], 2)).Node("Gather", "c i", "y").Output("y", ElementType.Float32, 1).Model().Write()).CreateSession(2);
        session.Input<long>()[1] = 2;
        Assert.Contains("row 1 has the index 2", Assert.Throws<MlpException>(() => session.Run(2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_of_another_shape_are_the_same_elements()
    {
        foreach (var type in Types)
        {
            new OperatorCase().Input("x", 6, RandomColumns.Of(type, 7, Rows * 6)).Input("v", 0, RandomColumns.Of(type, 8, Rows))
                .Constant("cube", OnnxTensor.Of([-1L, 2, 3], 3)).Constant("back", OnnxTensor.Of([0L, -1], 2)).Constant("flat", OnnxTensor.Of([-1L, 6], 2)).Constant("one", OnnxTensor.Of([1L], 1)).Constant("list", OnnxTensor.Of([-1L], 1))
                .Node("Reshape", "x cube", "a").Node("Flatten", "a", "b").Node("Reshape", "a back", "c").Node("Identity", "c", "d").Node("Reshape", "d flat", "e")
                .Node("Unsqueeze", "v one", "f").Node("Identity", "f", "g").Node("Squeeze", "g one", "h").Node("Reshape", "f list", "i").Node("Identity", "h", "j")
                .Output("b", type, 6).Output("c", type, 6).Output("e", type, 6).Output("g", type, 1).Output("j", type).Output("i", type).Agree();
        }

        new OperatorCase { Opset = 11 }.Input("v", 0, RandomColumns.Floats(8, Rows)).Node("Unsqueeze", "v", "a", ("axes", new long[] { 1, 2 })).Node("Squeeze", "a", "b", ("axes", new long[] { 2 })).Output("b", ElementType.Float32, 1).Agree();
    }

    [Fact]
    public void Reductions_and_places_over_a_row()
    {
        foreach (var type in (ElementType[])[ElementType.Float32, ElementType.Float64, ElementType.Int64, ElementType.Int32])
        {
            var rows = RandomColumns.Of(type, 9, Rows * 7);
            foreach (var op in (string[])["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin"])
            {
                if (op != "ReduceMean" || type != ElementType.Int64)
                {
                    var reduce = new OperatorCase { Opset = 12 }.Input("x", 7, rows).Node(op, "x", "y", ("axes", new long[] { 1 })).Node(op, "x", "z", ("axes", new long[] { -1 }), ("keepdims", 0L));
                    reduce.Output("y", type, 1).Output("z", type).Agree(1e-6);
                }
            }

            new OperatorCase().Input("x", 7, rows).Constant("a", OnnxTensor.Of([1L], 1)).Node("ReduceSum", "x a", "y").Output("y", type, 1).Agree(1e-6);
            foreach (var op in (string[])["ArgMax", "ArgMin"])
            {
                if (type != ElementType.Int64)
                {
                    new OperatorCase().Input("x", 7, rows).Node(op, "x", "y", ("axis", 1L)).Node(op, "x", "z", ("axis", -1L), ("keepdims", 0L), ("select_last_index", 1L)).Output("y", ElementType.Int64, 1).Output("z", ElementType.Int64).Agree();
                }
            }
        }
    }

    [Fact]
    public void Constants_that_nodes_state_are_read()
    {
        new OperatorCase().Input("x", 2, RandomColumns.Floats(1, Rows * 2)).Node("Constant", "", "c", ("value", new OnnxAttribute { Tensor = OnnxTensor.Of([1f, 2], 2) })).Node("Constant", "", "d", ("value_float", 3f))
            .Node("Add", "x c", "a").Node("Mul", "a d", "y").Output("y", ElementType.Float32, 2).Agree();
    }

    [Theory]
    [InlineData("Reshape", "x three", "[3, 2]")]
    [InlineData("Reshape", "x wrong", "[-1, 4]")]
    [InlineData("Concat", "x x", "axis 0")]
    [InlineData("Squeeze", "x zero", "axis 0")]
    [InlineData("Squeeze", "x", "'axes'")]
    [InlineData("Slice", "x zero zero", "axes [0]")]
    [InlineData("Gather", "x zero", "axis 0")]
    [InlineData("ReduceSum", "x zero", "axes [0]")]
    [InlineData("ReduceSum", "x", "over all axes")]
    [InlineData("ArgMax", "x", "'axis' = 0")]
    public void What_would_move_rows_is_refused_at_load(string op, string inputs, string found)
    {
        var refusal = new OperatorCase().Input("x", 2, new float[2]).Constant("three", OnnxTensor.Of([3L, 2], 2)).Constant("wrong", OnnxTensor.Of([-1L, 4], 2)).Constant("zero", OnnxTensor.Of([0L], 1))
            .Node(op, inputs, "y").Output("y", ElementType.Float32, 2).Refusal();
        foreach (var part in (string[])[$"{op} 'n0'", "'ai.onnx', version 17", found, "expected"])
        {
            Assert.Contains(part, refusal, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Texts_of_the_caller_and_of_the_model_come_through()
    {
        string[] texts = RandomColumns.Texts(3, 12);
        new OperatorCase().Input("t", 3, texts).Constant("i", OnnxTensor.Of([2L, 0], 2)).Node("Gather", "t i", "y", ("axis", 1L)).Output("y", ElementType.String, 2).Agree();
        var session = EdgeModel.Load(new OperatorCase().Input("t", 1, new[] { "a" }).Node("Identity", "t", "y").Output("y", ElementType.String, 1).Model().Write()).CreateSession(2);
        session.Texts()[1] = "mine";
        session.Run(2);
        Assert.Same("mine", session.Text(1));
        Assert.Equal("", session.Text(0));
        session.Texts()[1] = null!;
        Assert.Contains("null in row 1", Assert.Throws<MlpException>(() => session.Run(2)).Message, StringComparison.Ordinal);
        session.Run(1);
        Assert.Throws<MlpException>(() => session.Input<float>());
        Assert.Throws<ArgumentException>(() => session.BindInput(0, new byte[100]));
    }
}
