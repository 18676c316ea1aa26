using Mlp.Core;

namespace Mlp.Core.Tests.Ensembles;

public class TreeEnsembleBuilderTests
{
    [Theory]
    [InlineData(1, 9, "child 9")]
    [InlineData(0, 2, "another parent or is its own ancestor")]
    [InlineData(1, 1, "another parent or is its own ancestor")]
    public void Children_that_make_no_tree_are_named_with_tree_and_node(int trueChild, int falseChild, string named)
    {
        var builder = new TreeEnsembleBuilder(2);
        builder.BeginTree().Leaf(0).BeginTree().Branch(NodeMode.LessOrEqual, 0, 1, trueChild, falseChild).Leaf(1).Leaf(2);
        var error = Assert.Throws<MlpException>(() => builder.Build());
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Contains("Tree 1, node 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_nothing_reaches_is_refused()
    {
        var builder = new TreeEnsembleBuilder(1).BeginTree().Leaf(0).Leaf(1);
        Assert.Contains("node 1 has no parent", Assert.Throws<MlpException>(() => builder.Build()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_feature_a_threshold_a_target_or_a_base_value_that_cannot_be_is_refused()
    {
        var builder = new TreeEnsembleBuilder(2, 2).BeginTree();
        Assert.Contains("feature 2 of 2", Assert.Throws<MlpException>(() => builder.Branch(NodeMode.Less, 2, 0, 1, 2)).Message, StringComparison.Ordinal);
        Assert.Contains("NaN", Assert.Throws<MlpException>(() => builder.Branch(NodeMode.Less, 0, float.NaN, 1, 2)).Message, StringComparison.Ordinal);
        Assert.Contains("target 2 of 2", Assert.Throws<MlpException>(() => builder.Leaf([new LeafWeight(2, 1)])).Message, StringComparison.Ordinal);
        builder.Leaf(1);
        Assert.Contains("1 base values", Assert.Throws<MlpException>(() => builder.Build(EnsembleAggregate.Sum, PostTransform.None, 1)).Message, StringComparison.Ordinal);
        Assert.Throws<MlpException>(() => new TreeEnsembleBuilder(1).Build());
        Assert.Throws<MlpException>(() => new TreeEnsembleBuilder(1).BeginTree().Build());
    }

    [Fact]
    public void An_ensemble_survives_the_way_through_an_onnx_file()
    {
        var ensemble = new TreeEnsembleBuilder(3, 2)
            .BeginTree().Branch(NodeMode.Greater, 2, 0.5f, 2, 1, missingGoesTrue: true).Leaf([new(1, 4)]).Leaf([new(0, 1), new(1, 2)])
            .BeginTree().Leaf([new(1, 3)])
            .Build(EnsembleAggregate.Average, PostTransform.None, 7, 8);
        var read = OnnxModel.Read(TreeEnsembleOnnx.Regressor(ensemble).Write());
        var again = TreeEnsembleNode.Read(read.Graph.Nodes[0], 3).Ensemble;
        Assert.Equal(ensemble.Nodes.ToArray(), again.Nodes.ToArray());
        Assert.Equal(ensemble.Weights.ToArray(), again.Weights.ToArray());
        Assert.Equal(ensemble.BaseValues.ToArray(), again.BaseValues.ToArray());
        Assert.Equal(ensemble.Aggregate, again.Aggregate);
    }

    [Fact]
    public void A_leaf_without_weights_is_written_as_a_zero_and_refused_where_that_would_count()
    {
        var builder = new TreeEnsembleBuilder(3, 2).BeginTree().Leaf([]);
        var node = OnnxModel.Read(TreeEnsembleOnnx.Regressor(builder.Build()).Write()).Graph.Nodes[0];
        Assert.Equal([new LeafWeight(0, 0)], TreeEnsembleNode.Read(node, 3).Ensemble.Weights.ToArray());
        Assert.Throws<ArgumentException>(() => TreeEnsembleOnnx.Regressor(builder.Build(EnsembleAggregate.Min)));
    }
}
