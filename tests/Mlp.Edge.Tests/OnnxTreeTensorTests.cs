using Mlp.Core;
using Mlp.Edge.Tests.Models;

namespace Mlp.Edge.Tests;

/// <summary>The operator <c>TreeEnsemble</c> as a file may state it, against ONNX Runtime.</summary>
public class OnnxTreeTensorTests
{
    private static readonly float[] Grid = [.. Enumerable.Range(-2, 80).Select(i => (float)i), float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, -0f];

    [Theory]
    [InlineData(new[] { 1f, 5, 30 })]
    [InlineData(new[] { 1f, 5, 40, 64 })]
    [InlineData(new[] { 0f })]
    public void Sets_of_small_and_large_members_give_what_onnx_runtime_gives(float[] members)
    {
        foreach (var missing in (long[])[0, 1])
        {
            Agree(Set(members, missing), Grid);
        }
    }

    [Fact]
    public void Sets_whose_members_are_no_categories_become_questions_of_equality()
    {
        Agree(Set([2.5f, 0.5f], 0), [0, 0.5f, 1, 2.5f, float.NaN]);

        // Those of negative members ONNX Runtime cannot load.
        var session = EdgeModel.Prepare(Set([-1, 2.5f, 1e9f], 1)).CreateSession();
        foreach (var (x, expected) in ((float, float)[])[(-1, 1), (2.5f, 1), (1e9f, 1), (float.NaN, 1), (0, 2), (2, 2), (1, 2)])
        {
            Assert.Equal(expected, session.Run([x])[0]);
        }
    }

    [Fact]
    public void Several_sets_are_separated_by_nan_with_or_without_one_at_the_end()
    {
        foreach (var members in (float[][])[[1, 5, float.NaN, 40, 2], [1, 5, float.NaN, 40, 2, float.NaN]])
        {
            Agree(Model([6, 6], [0, 0], members, 1, [0, 0, 0], [1, 2, 4], [0, 1], [1, 1], [1, 2], [0, 1], [0]), Grid);
        }
    }

    [Fact]
    public void A_leaf_that_several_nodes_share_and_a_tree_of_one_leaf_give_what_onnx_runtime_gives()
    {
        Agree(Model([0, 0], [0, 3], [], 1, [0, 0], [5, 6], [0, 0], [1, 1], [1, 1], [0, 1], [0]), Grid);
        Agree(Model([0], [0], [], 1, [0], [7], [0], [1], [0], [1], [0]), Grid);
        Agree(Model([0, 0], [0, 0], [], 1, [0, 0, 0], [5, 6, 7], [0, 2], [1, 1], [1, 2], [1, 1], [0, 1]), Grid);
    }

    [Fact]
    public void Aggregates_give_what_onnx_runtime_gives()
    {
        for (var aggregate = 0L; aggregate < 4; aggregate++)
        {
            var model = Model([0, 0], [0, 1], [], 2, [0, 1, 0, 0], [0.5f, 0.75f, -2, 3], [0, 2], [1, 1], [1, 3], [1, 1], [0, 1]);
            ((Dictionary<string, OnnxAttribute>)model.Graph.Nodes[0].Attributes)["aggregate_function"] = aggregate;
            Agree(model, Grid, targets: 2);
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 2)] // softmax, which ONNX Runtime takes for logistic
    [InlineData(2, 1)] // and the other way round
    [InlineData(3, 3)]
    [InlineData(4, 4)]
    public void Transforms_have_the_numbers_of_the_specification_of_which_onnx_runtime_exchanges_two(long number, long atOnnxRuntime)
    {
        var model = Model([0], [0], [], 2, [0, 1], [0.3f, 0.8f], [0], [1], [1], [1], [0]);
        var attributes = (Dictionary<string, OnnxAttribute>)model.Graph.Nodes[0].Attributes;
        attributes["post_transform"] = number;
        var actual = Run(model, Grid, 2);
        attributes["post_transform"] = atOnnxRuntime;
        using var ort = new Ort(model.Write());
        OnnxRegressorTests.Near(ort.Floats(Grid, 1, "y"), actual, 1e-5);
    }

    [Fact]
    public void A_transform_of_one_target_is_left_out_but_for_probit_as_onnx_runtime_does()
    {
        for (var number = 0L; number < 5; number++)
        {
            var model = Model([0], [0], [], 1, [0, 0], [0.3f, 0.8f], [0], [1], [1], [1], [0]);
            ((Dictionary<string, OnnxAttribute>)model.Graph.Nodes[0].Attributes)["post_transform"] = number;
            Agree(model, Grid, tolerance: 1e-5);
        }
    }

    [Fact]
    public void Doubles_give_doubles_to_the_bit()
    {
        var ensemble = RandomTrees.Builder(3, 4, 30, 6, 3, ElementType.Float64, sets: true).Build();
        var written = TreeEnsembleOnnx.Regressor(ensemble);
        var node = written.Graph.Nodes[0];
        var batch = TensorDimension.Free("batch");
        var model = new OnnxModel
        {
            IrVersion = 10,
            Opsets = written.Opsets,
            Graph = new OnnxGraph
            {
                Name = "g",
                Nodes = [node],
                Inputs = written.Graph.Inputs,
                Outputs = [new OnnxValueInfo(node.Outputs[0], new TensorSpec(node.Outputs[0], ElementType.Float64, batch, TensorDimension.Fixed(3)))],
            },
        };
        double[] rows = [.. RandomTrees.CategoryRows(4, 4, 50).Select(x => (double)x)];
        using var ort = new Ort(model.Write());
        var session = EdgeModel.Prepare(model).CreateSession(50);
        rows.CopyTo(session.Input<double>());
        session.Run(50);
        Assert.Equal(ort.Run<double, double>(rows, 4, node.Outputs[0]), session.Output<double>().ToArray());
        Assert.Equal(ErrorCodes.TensorMismatch, Assert.Throws<MlpException>(() => session.Input().ToArray()).Code);
        Assert.Equal(ErrorCodes.TensorMismatch, Assert.Throws<MlpException>(() => session.Output<float>().ToArray()).Code);
        Assert.Equal(ErrorCodes.TensorMismatch, Assert.Throws<MlpException>(() => session.Text(0)).Code);
    }

    [Fact]
    public void A_lone_row_of_floats_is_widened_for_a_model_of_doubles()
    {
        var ensemble = RandomTrees.Builder(5, 4, 30, 6, 3, ElementType.Float64).Build();
        var session = EdgeModel.Prepare(TreeEnsembleOnnx.Regressor(ensemble)).CreateSession();
        var expected = new float[3];
        float[] row = [1, -0.25f, float.NaN, 0.5f];
        new TreePredictor(ensemble).Margin(row, expected);
        Assert.Equal(expected, session.Run(row).ToArray());
    }

    [Fact]
    public void Halves_are_read_as_the_floats_they_are()
    {
        var model = Model([0, 6], [0.5f, 0], [1, 7], 1, [0, 0, 0], [0.25f, -1.5f, 3], [1, 0], [0, 1], [2, 1], [1, 1], [0]);
        var expected = Run(model, Grid, 1);
        var attributes = (Dictionary<string, OnnxAttribute>)model.Graph.Nodes[0].Attributes;
        foreach (var name in (string[])["nodes_splits", "leaf_weights", "membership_values"])
        {
            attributes[name] = new OnnxAttribute { Tensor = Halves(attributes[name].Tensor!.Floats()) };
        }

        Assert.Equal(expected, Run(model, Grid, 1));
    }

    // Through a file's bytes: the only way to a tensor of halves.
    private static OnnxTensor Halves(float[] values)
    {
        var bytes = new List<byte> { 0x08, (byte)values.Length, 0x10, 10, 0x4a, (byte)(2 * values.Length) };
        foreach (var value in values)
        {
            bytes.AddRange(BitConverter.GetBytes((Half)value));
        }

        // A model with a graph with the tensor as its initializer, named h.
        bytes.AddRange([0x42, 1, (byte)'h']);
        byte[] graph = [0x2a, (byte)bytes.Count, .. bytes];
        return OnnxModel.Read([0x3a, (byte)graph.Length, .. graph]).Graph.Initializers["h"];
    }

    private static OnnxModel Set(float[] members, long missing)
    {
        var model = Model([6], [0], members, 1, [0, 0], [1, 2], [0], [1], [1], [1], [0]);
        ((Dictionary<string, OnnxAttribute>)model.Graph.Nodes[0].Attributes)["nodes_missing_value_tracks_true"] = new[] { missing };
        return model;
    }

    private static OnnxModel Model(byte[] modes, float[] splits, float[] members, int targets, long[] targetIds, float[] weights, long[] yes, long[] yesLeaves, long[] no, long[] noLeaves, long[] roots)
    {
        var attributes = new Dictionary<string, OnnxAttribute>
        {
            ["n_targets"] = (long)targets,
            ["nodes_modes"] = new OnnxAttribute { Tensor = OnnxTensor.Of(modes, modes.Length) },
            ["nodes_splits"] = Floats(splits),
            ["nodes_featureids"] = new long[modes.Length],
            ["nodes_truenodeids"] = yes,
            ["nodes_trueleafs"] = yesLeaves,
            ["nodes_falsenodeids"] = no,
            ["nodes_falseleafs"] = noLeaves,
            ["tree_roots"] = roots,
            ["leaf_targetids"] = targetIds,
            ["leaf_weights"] = Floats(weights),
            ["nodes_hitrates"] = Floats(new float[modes.Length]),
        };
        if (members.Length > 0)
        {
            attributes["membership_values"] = Floats(members);
        }

        var batch = TensorDimension.Free("batch");
        return new OnnxModel
        {
            IrVersion = 10,
            Opsets = new Dictionary<string, long> { [""] = 17, [TreeEnsembleOnnx.Domain] = 5 },
            Graph = new OnnxGraph
            {
                Name = "g",
                Nodes = [new OnnxNode { OpType = "TreeEnsemble", Domain = TreeEnsembleOnnx.Domain, Inputs = ["x"], Outputs = ["y"], Attributes = attributes }],
                Inputs = [new OnnxValueInfo("x", new TensorSpec("x", ElementType.Float32, batch, TensorDimension.Fixed(1)))],
                Outputs = [new OnnxValueInfo("y", new TensorSpec("y", ElementType.Float32, batch, TensorDimension.Fixed(targets)))],
            },
        };
    }

    private static OnnxAttribute Floats(float[] values) => new() { Tensor = OnnxTensor.Of(values, values.Length) };

    private static float[] Run(OnnxModel model, float[] rows, int targets)
    {
        var session = EdgeModel.Load(model.Write()).CreateSession(rows.Length);
        rows.CopyTo(session.Input());
        session.Run(rows.Length);
        Assert.Equal(rows.Length * targets, session.Output<float>().Length);
        return session.Output<float>().ToArray();
    }

    private static void Agree(OnnxModel model, float[] rows, int targets = 1, double tolerance = 0)
    {
        using var ort = new Ort(model.Write());
        OnnxRegressorTests.Near(ort.Floats(rows, 1, "y"), Run(model, rows, targets), tolerance);
    }
}
