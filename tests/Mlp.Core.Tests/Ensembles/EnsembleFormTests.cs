using Mlp.Core;

namespace Mlp.Core.Tests.Ensembles;

public class EnsembleFormTests
{
    [Fact]
    public void A_threshold_in_double_is_rounded_so_that_every_float_decides_alike()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var threshold = i switch
            {
                0 => 1e300,
                1 => -1e300,
                2 => 1e-60,
                3 => -1e-60,
                4 => double.PositiveInfinity,
                5 => float.MaxValue * 1.00000001,
                6 => -0.0,
                _ => BitConverter.Int64BitsToDouble(random.NextInt64()),
            };
            if (double.IsNaN(threshold))
            {
                continue;
            }

            var near = (float)threshold;
            float[] candidates = [near, MathF.BitDecrement(near), MathF.BitIncrement(near), 0, -0f, float.Epsilon, -float.Epsilon, float.MaxValue, float.MinValue, float.PositiveInfinity, float.NegativeInfinity];
            for (var mode = NodeMode.LessOrEqual; mode <= NodeMode.NotEqual; mode++)
            {
                var ensemble = new TreeEnsembleBuilder(1).BeginTree().Branch(mode, 0, threshold, 1, 2).Leaf(1).Leaf(0).Build();
                var node = ensemble.Nodes[0];
                Assert.Equal(node.Threshold, (float)node.Threshold);
                foreach (var x in candidates)
                {
                    Assert.True(Decide(mode, x, threshold) == Decide(node.Mode, x, node.Threshold), $"{x:R} {mode} {threshold:R}, as {node.Mode} {node.Threshold:R}");
                }

                // NaN is not equal to whatever the threshold was.
                Assert.Equal(mode == NodeMode.NotEqual, node.MissingGoesTrue || node.Mode == NodeMode.NotEqual);
            }
        }
    }

    [Fact]
    public void An_ensemble_of_doubles_keeps_thresholds_and_weights_as_they_are()
    {
        var ensemble = new TreeEnsembleBuilder(1, 1, ElementType.Float64, ElementType.Float64).BeginTree().Branch(NodeMode.Equal, 0, 0.1, 1, 2).Leaf(0.3).Leaf(1e-300).Build(baseValues: 0.7);
        Assert.Equal(0.1, ensemble.Nodes[0].Threshold);
        Assert.Equal(NodeMode.Equal, ensemble.Nodes[0].Mode);
        Assert.Equal(1e-300, ensemble.Weights[1].Weight);
        Assert.Equal(0.7, ensemble.BaseValues[0]);
    }

    [Fact]
    public void A_sum_of_floats_has_weights_and_base_values_that_are_floats()
    {
        var ensemble = new TreeEnsembleBuilder(1, 1, ElementType.Float64).BeginTree().Leaf(0.1).Build(baseValues: 0.7);
        Assert.Equal(0.1f, ensemble.Weights[0].Weight);
        Assert.Equal(0.7f, ensemble.BaseValues[0]);
    }

    [Fact]
    public void Sets_and_linear_leaves_are_given_back_by_node()
    {
        var ensemble = new TreeEnsembleBuilder(3)
            .BeginTree().Member(2, [5, 0], 1, 2, NodeFlags.TruncatesFractions).Leaf(1).Leaf(2)
            .BeginTree().Member(1, [], 1, 2).LinearLeaf(new(0, 3), 0.5, [new(1, 2), new(0, -1)]).LinearLeaf(new(0, 4), 0.25, [])
            .Build();
        Assert.True(ensemble.HasSets);
        Assert.Equal([5ul], ensemble.SetOf(ensemble.NodesOf(0)[0]).ToArray());
        Assert.Empty(ensemble.SetOf(ensemble.NodesOf(1)[0]).ToArray());
        Assert.Equal(NodeFlags.TruncatesFractions, ensemble.Nodes[0].Flags);
        Assert.Equal([new(1, 2), new(0, -1)], ensemble.LinearOf(ensemble.Nodes[4], out var constant).ToArray());
        Assert.Equal(0.5, constant);
        Assert.Empty(ensemble.LinearOf(ensemble.Nodes[5], out constant).ToArray());
        Assert.Equal(0.25, constant);
        Assert.False(ensemble.Nodes[1].IsLinear);
    }

    [Fact]
    public void What_a_node_cannot_have_is_refused_with_its_tree_and_its_number()
    {
        Refused("Tree 1, node 0 has feature 2 of 2", b => b.Member(2, [1], 1, 2));
        Refused("Tree 1, node 0 has a set of 262145 words", b => b.Member(0, [.. new ulong[TreeEnsembleBuilder.CategoriesMax / 64], 1], 1, 2));
        Refused("Tree 1, node 0 has the flags TruncatesFractions", b => b.Branch(NodeMode.Less, 0, 1, 1, 2, NodeFlags.TruncatesFractions));
        Refused("Tree 1, node 0 has mode Member", b => b.Branch(NodeMode.Member, 0, 1, 1, 2));
        Refused("Tree 1, node 0 has children -1 and 2", b => b.Branch(NodeMode.Less, 0, 1, -1, 2));
        Refused("Tree 1, node 0 has a weight that is NaN", b => b.Leaf(double.NaN));
        Refused("Tree 1, node 0 has a coefficient 1 for feature 2 of 2", b => b.LinearLeaf(new(0, 1), 0, [new(2, 1)]));
        Refused("Tree 1, node 0 has a linear model whose constant is NaN", b => b.LinearLeaf(new(0, 1), double.NaN, []));
        Refused("Tree 1, node 0 has a weight for target 1 of 1", b => b.LinearLeaf(new(1, 1), 0, []));

        static void Refused(string message, Action<TreeEnsembleBuilder> add)
        {
            var builder = new TreeEnsembleBuilder(2).BeginTree().Leaf(0).BeginTree();
            var error = Assert.Throws<MlpException>(() => add(builder));
            Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
            Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_output_that_does_not_fit_is_refused()
    {
        Refused("2 base values; expected none or 3", new EnsembleOutput { BaseValues = [1, 2] });
        Refused("a base value that is NaN", new EnsembleOutput { BaseValues = [1, 2, double.NaN] });
        Refused("1 feature names for 2 features", new EnsembleOutput { FeatureNames = ["a"] });
        Refused("2 labels for 3 targets", new EnsembleOutput { LabelNumbers = [1, 2] });
        Refused("expected one kind", new EnsembleOutput { LabelNumbers = [1, 2, 3], LabelTexts = ["a", "b", "c"] });
        Refused("an aggregate Average that starts from the base values", new EnsembleOutput { Aggregate = EnsembleAggregate.Average, SumFromBase = true });
        Refused("the divisor 0", new EnsembleOutput { AverageDivisor = 0 });
        Refused("the logistic scale NaN", new EnsembleOutput { LogisticScale = double.NaN });
        Refused("the post transform 99", new EnsembleOutput { PostTransform = (PostTransform)99 });

        static void Refused(string message, EnsembleOutput output)
        {
            var error = Assert.Throws<MlpException>(() => new TreeEnsembleBuilder(2, 3).BeginTree().Leaf(1).Build(output));
            Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_list_that_the_caller_changes_later_changes_no_ensemble()
    {
        var names = new List<string> { "a", "b" };
        var ensemble = new TreeEnsembleBuilder(2).BeginTree().Leaf(1).Build(new EnsembleOutput { FeatureNames = names });
        names[0] = "z";
        Assert.Equal(["a", "b"], ensemble.Output.FeatureNames);
    }

    private static bool Decide(NodeMode mode, double x, double threshold) => mode switch
    {
        NodeMode.LessOrEqual => x <= threshold,
        NodeMode.Less => x < threshold,
        NodeMode.GreaterOrEqual => x >= threshold,
        NodeMode.Greater => x > threshold,
        NodeMode.Equal => x == threshold,
        _ => x != threshold,
    };
}
