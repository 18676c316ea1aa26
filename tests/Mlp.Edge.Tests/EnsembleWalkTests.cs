using Mlp.Core;
using Mlp.Edge.Tests.Models;

namespace Mlp.Edge.Tests;

public class EnsembleWalkTests
{
    [Theory]
    [InlineData(NodeFlags.None, new[] { 0.0, 64 }, new[] { 1.0, 63, 65, 0.5, -0.5, -1, 128, 1e20, double.PositiveInfinity, double.NegativeInfinity, double.NaN })]
    [InlineData(NodeFlags.MissingGoesTrue, new[] { -0.0, 64, double.NaN }, new[] { 0.7, -0.7, 64.5 })]
    [InlineData(NodeFlags.TruncatesFractions, new[] { 0.0, 0.7, -0.7, 64.9 }, new[] { -1, 1.2, 65.1, 63.9, double.NaN, double.NegativeInfinity })] // LightGBM
    [InlineData(NodeFlags.TruncatesFractions | NodeFlags.NegativesAreOutside, new[] { 0.0, -0.0, 0.7, 64.9 }, new[] { -0.7, -1, 1.2 })] // XGBoost
    [InlineData(NodeFlags.ZeroIsMissing, new[] { 64.0 }, new[] { 0, -0.0, 1e-36, double.NaN })]
    public void A_set_has_the_categories_that_its_rule_says(NodeFlags flags, double[] inside, double[] outside)
    {
        var ensemble = Doubles(1).BeginTree().Member(0, [1, 1], 1, 2, flags).Leaf(1).Leaf(0).Build();
        Assert.All(inside, x => Assert.Equal(1, Score(ensemble, x)));
        Assert.All(outside, x => Assert.Equal(0, Score(ensemble, x)));
    }

    [Theory]
    [InlineData(false, 5, 0)] // 0 <= 5, but zeros are missing and go to no
    [InlineData(true, -5, 1)]
    public void A_zero_that_counts_as_missing_goes_the_way_of_nan(bool missingGoesTrue, double threshold, double expected)
    {
        var flags = NodeFlags.ZeroIsMissing | (missingGoesTrue ? NodeFlags.MissingGoesTrue : 0);
        var ensemble = Doubles(1).BeginTree().Branch(NodeMode.LessOrEqual, 0, threshold, 1, 2, flags).Leaf(1).Leaf(0).Build();
        foreach (var x in (double[])[0, -0.0, 1e-35f, -1e-35f, 1e-300, double.NaN])
        {
            Assert.Equal(expected, Score(ensemble, x));
        }

        Assert.Equal(1 - expected, Score(ensemble, Math.BitIncrement(1e-35f)));
        Assert.Equal(1 - expected, Score(ensemble, -1e-34));
    }

    [Theory]
    [InlineData(NodeMode.LessOrEqual)]
    [InlineData(NodeMode.Less)]
    [InlineData(NodeMode.GreaterOrEqual)]
    [InlineData(NodeMode.Greater)]
    [InlineData(NodeMode.Equal)]
    [InlineData(NodeMode.NotEqual)]
    public void Nan_goes_where_the_node_says_and_is_unequal_to_everything(NodeMode mode)
    {
        foreach (var tracks in (bool[])[false, true])
        {
            var ensemble = Doubles(1).BeginTree().Branch(mode, 0, 1, 1, 2, tracks).Leaf(1).Leaf(0).Build();
            Assert.Equal(tracks || mode == NodeMode.NotEqual ? 1 : 0, Score(ensemble, double.NaN));
        }
    }

    [Fact]
    public void A_linear_leaf_gives_its_model_and_its_plain_weight_where_a_feature_is_missing()
    {
        var ensemble = Doubles(3).BeginTree().LinearLeaf(new(0, 7), 0.5, [new(2, 2), new(0, -1)]).Build();
        Assert.Equal(0.5 + (2 * 3.25) - 10, Score(ensemble, 10, double.NaN, 3.25));
        Assert.Equal(7, Score(ensemble, double.NaN, 0, 3.25));
        Assert.Equal(7, Score(ensemble, 0, 0, double.NaN));
    }

    [Fact]
    public void Where_the_base_value_stands_in_the_sum_decides_its_last_bit()
    {
        float[] leaves = [0.1f, 0.7f, -0.3f, 1e-4f, 0.33f];
        const float Base = 1234.567f;
        var first = Base;
        var last = 0f;
        var builder = new TreeEnsembleBuilder(1);
        foreach (var leaf in leaves)
        {
            first += leaf;
            last += leaf;
            builder.BeginTree().Leaf(leaf);
        }

        last += Base;
        Assert.NotEqual(first, last);
        Assert.Equal(first, Scored(builder.Build(new EnsembleOutput { BaseValues = [Base], SumFromBase = true })));
        Assert.Equal(last, Scored(builder.Build(baseValues: Base)));
    }

    [Fact]
    public void A_sum_has_the_bits_of_its_type_whatever_type_the_row_and_the_answer_have()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            double[] leaves = [.. Enumerable.Range(0, 50).Select(_ => (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-3, 4)))];
            float floats = 0;
            double doubles = 0;
            var (single, twice) = (new TreeEnsembleBuilder(1, 1, ElementType.Float64), Doubles(1));
            foreach (var leaf in leaves)
            {
                floats += (float)leaf;
                doubles += leaf;
                single.BeginTree().Leaf(leaf);
                twice.BeginTree().Leaf(leaf);
            }

            Assert.Equal(floats, Score(single.Build(), 0));
            Assert.Equal(doubles, Score(twice.Build(), 0));
            Assert.Equal((float)doubles, Scored(twice.Build()));
            Assert.Equal(floats / 50, Score(single.Build(EnsembleAggregate.Average), 0));
            Assert.Equal(doubles / 20, Score(twice.Build(new EnsembleOutput { Aggregate = EnsembleAggregate.Average, AverageDivisor = 20 }), 0));
        }
    }

    [Fact]
    public void A_row_of_doubles_is_cut_to_floats_where_the_trees_ask_for_floats()
    {
        var floats = new TreeEnsembleBuilder(1).BeginTree().Branch(NodeMode.LessOrEqual, 0, 0.1f, 1, 2).Leaf(1).Leaf(0).Build();
        var doubles = Doubles(1).BeginTree().Branch(NodeMode.LessOrEqual, 0, 0.1f, 1, 2).Leaf(1).Leaf(0).Build();
        var above = Math.BitIncrement((double)0.1f);
        Assert.Equal(1, Score(floats, above));
        Assert.Equal(0, Score(doubles, above));
    }

    [Fact]
    public void Smallest_and_largest_take_infinite_leaves_and_leave_targets_without_leaves_at_their_base()
    {
        var builder = Doubles(1, 3).BeginTree().Leaf([new(0, double.PositiveInfinity), new(1, -2)]).BeginTree().Leaf([new(1, 5)]);
        Assert.Equal([double.PositiveInfinity, -1, 1], Scores(builder.Build(EnsembleAggregate.Min, PostTransform.None, 1, 1, 1)));
        Assert.Equal([double.PositiveInfinity, 6, 1], Scores(builder.Build(EnsembleAggregate.Max, PostTransform.None, 1, 1, 1)));
    }

    [Fact]
    public void Leaves_are_counted_within_their_tree_and_contributions_add_up_to_the_score()
    {
        var ensemble = RandomTrees.Ensemble(5, 4, trees: 9, depthMax: 5, targets: 70);
        var rows = RandomTrees.Rows(6, 4, 20);
        var leaves = new int[20 * 9];
        var parts = new float[20 * 9 * 70];
        var scores = new float[20 * 70];
        EnsembleWalk.Leaves<float>(ensemble, rows, leaves);
        EnsembleWalk.Contributions<float, float>(ensemble, rows, parts);
        EnsembleWalk.Score<float, float>(ensemble, rows, scores);
        for (var r = 0; r < 20; r++)
        {
            var sums = new float[70];
            for (var t = 0; t < 9; t++)
            {
                Assert.Equal(NodeMode.Leaf, ensemble.NodesOf(t)[leaves[(r * 9) + t]].Mode);
                for (var k = 0; k < 70; k++)
                {
                    sums[k] += parts[(((r * 9) + t) * 70) + k];
                }
            }

            for (var k = 0; k < 70; k++)
            {
                Assert.Equal(sums[k] + (float)ensemble.BaseValues[k], scores[(r * 70) + k]);
            }
        }
    }

    private static TreeEnsembleBuilder Doubles(int features, int targets = 1) => new(features, targets, ElementType.Float64, ElementType.Float64);

    private static double Score(TreeEnsemble ensemble, params double[] row)
    {
        var scores = new double[1];
        EnsembleWalk.Score<double, double>(ensemble, row, scores);
        return scores[0];
    }

    private static float Scored(TreeEnsemble ensemble)
    {
        var scores = new float[1];
        EnsembleWalk.Score<float, float>(ensemble, new float[1], scores);
        return scores[0];
    }

    private static double[] Scores(TreeEnsemble ensemble)
    {
        var scores = new double[ensemble.TargetCount];
        EnsembleWalk.Score<double, double>(ensemble, new double[1], scores);
        return scores;
    }
}
