using Mlp.Edge.Tests.Models;
using Mlp.Kernels;

namespace Mlp.Edge.Tests;

public sealed class TreePlanTests
{
    [Fact]
    public void A_plan_gives_the_bits_of_the_reference_whatever_it_chose()
    {
        var (trees, rows, expected) = Sample(600);
        foreach (var options in (TreePlanOptions[])[new(), new() { TrialMsMax = 0 }, .. TreeWalks.All.Select(walk => new TreePlanOptions { Walk = walk.Name })])
        {
            var plan = TreePlan.Make(trees, options);
            for (var count = 1; count <= 600; count += count < 140 ? 1 : 53)
            {
                var sums = new float[count];
                plan.Sum(rows.AsSpan(0, count * trees.FeatureCount), sums);
                Assert.Equal(expected[..count], sums);
            }
        }
    }

    [Fact]
    public void A_name_that_is_another_kernels_leaves_the_plan_its_choice() =>
        Assert.NotEmpty(TreePlan.Make(Sample(1).Trees, new TreePlanOptions { Walk = "another", TrialMsMax = 0 }).Layout.Ways);

    [Fact]
    public void A_forced_walk_takes_all_rows()
    {
        var plan = TreePlan.Make(Sample(1).Trees, new TreePlanOptions { Walk = "interleaved" });
        var way = Assert.Single(plan.Layout.Ways);
        Assert.Equal(("interleaved", 1), (way.Walk, way.RowsMin));
    }

    [Fact]
    public void The_layout_tells_the_shape_of_the_trees()
    {
        var layout = TreePlan.Make(
            new PackedTrees(
                [
                    new() { Feature = 1, Threshold = 2, Child = 1 },
                    new() { Feature = 1 | PackedNode.MissingGoesTrue, Threshold = 2, Child = 3 },
                    new() { Feature = PackedNode.MissingGoesTrue, Threshold = float.PositiveInfinity, Child = 2 },
                    new() { Feature = PackedNode.MissingGoesTrue, Threshold = float.PositiveInfinity, Child = 3 },
                    new() { Feature = PackedNode.MissingGoesTrue, Threshold = float.PositiveInfinity, Child = 4 },
                ],
                [0],
                featureCount: 2)).Layout;
        Assert.Equal((1, 2, 3L), (layout.Trees, layout.Depth, layout.Leaves));
        Assert.Equal([0, 1], layout.Thresholds);
        Assert.Equal(1, layout.Ways[^1].RowsMin);
        Assert.All(layout.Ways, way => Assert.True(way.Bytes > 0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Threads_change_no_bit(int threads)
    {
        var (trees, rows, expected) = Sample(5000);
        var sums = new float[5000];
        TreePlan.Make(trees).Sum(rows, sums, threads);
        Assert.Equal(expected, sums);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(300)]
    public void Nothing_is_allocated_on_the_way(int count)
    {
        var (trees, rows, _) = Sample(300);
        foreach (var name in TreeWalks.All.Select(walk => walk.Name))
        {
            var plan = TreePlan.Make(trees, new TreePlanOptions { Walk = name });
            var sums = new float[count];
            plan.Sum(rows.AsSpan(0, count * trees.FeatureCount), sums);
            var before = GC.GetAllocatedBytesForCurrentThread();
            plan.Sum(rows.AsSpan(0, count * trees.FeatureCount), sums);
            plan.Sum(rows.AsMemory(0, count * trees.FeatureCount), sums, threads: 1);
            Assert.Equal((name, 0L), (name, GC.GetAllocatedBytesForCurrentThread() - before));
        }
    }

    [Fact]
    public void Leaves_are_those_that_the_reference_reaches()
    {
        var (trees, rows, _) = Sample(50);
        var leaves = new int[50 * trees.Roots.Length];
        TreePlan.Make(trees).Leaves(rows, leaves);
        for (var i = 0; i < leaves.Length; i++)
        {
            var row = rows.AsSpan(i / trees.Roots.Length * trees.FeatureCount, trees.FeatureCount);
            Assert.Equal(ScalarTreeWalk.Leaf(trees, i % trees.Roots.Length, row), leaves[i]);
        }
    }

    [Theory]
    [InlineData(0f, false)]
    [InlineData(3f, true)]
    [InlineData(3.5f, false)]
    [InlineData(-3f, false)]
    [InlineData(64f, true)]
    [InlineData(128f, false)]
    [InlineData(1e30f, false)]
    [InlineData(float.PositiveInfinity, false)]
    public void A_category_is_in_a_set_or_not(float category, bool isIn)
    {
        ulong[] set = [1UL << 3, 1UL];
        Assert.Equal(isIn ? 1 : -1, Ask(DerivedColumn.Member(0, set, truncates: false), category, missingGoesTrue: false));
        Assert.Equal(category is 3.5f || isIn ? 1 : -1, Ask(DerivedColumn.Member(0, set, truncates: true), category, missingGoesTrue: false));
    }

    [Fact]
    public void A_missing_category_goes_where_the_node_says()
    {
        Assert.Equal(1, Ask(DerivedColumn.Member(0, [1], truncates: true), float.NaN, missingGoesTrue: true));
        Assert.Equal(-1, Ask(DerivedColumn.Member(0, [1], truncates: true), float.NaN, missingGoesTrue: false));
        Assert.Equal(1, Ask(DerivedColumn.Equal(0, 2), float.NaN, missingGoesTrue: true));
        Assert.Equal(1, Ask(DerivedColumn.Equal(0, 2), 2, missingGoesTrue: false));
        Assert.Equal(-1, Ask(DerivedColumn.Equal(0, 2), 1, missingGoesTrue: true));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1e-40f)]
    [InlineData(1e-36f)]
    [InlineData(-1e-35f)]
    public void Zero_is_missing_where_the_column_says_so(float zero)
    {
        Assert.Equal(1, Ask(DerivedColumn.ZeroIsMissing(0), zero, missingGoesTrue: true, threshold: -1));
        Assert.Equal(-1, Ask(DerivedColumn.ZeroIsMissing(0), zero, missingGoesTrue: false, threshold: 1));
        Assert.Equal(1, Ask(DerivedColumn.ZeroIsMissing(0), 1e-34f, missingGoesTrue: false, threshold: 1));
    }

    [Fact]
    public void Packed_trees_that_point_outside_are_refused()
    {
        var leaf = new PackedNode { Feature = PackedNode.MissingGoesTrue, Threshold = float.PositiveInfinity };
        PackedNode[] nodes = [new() { Feature = 1, Child = 1 }, leaf with { Child = 1 }, leaf with { Child = 2 }];
        Assert.Throws<ArgumentException>(() => new PackedTrees(nodes, [0], 1));
        Assert.NotNull(new PackedTrees(nodes, [0], 1, derived: [DerivedColumn.Equal(0, 1)]));
        Assert.Throws<ArgumentException>(() => new PackedTrees(nodes, [3], 2));
        Assert.Throws<ArgumentException>(() => new PackedTrees(nodes, [0], 2, [1]));
        Assert.Throws<ArgumentException>(() => new PackedTrees(nodes, [0], 2, [0, 0], 1));
        Assert.Throws<ArgumentException>(() => new PackedTrees(nodes, [0], 1, derived: [DerivedColumn.Equal(1, 1)]));
        Assert.Throws<ArgumentException>(() => new PackedTrees([nodes[0] with { Threshold = float.NaN }, nodes[1], nodes[2]], [0], 2));
        Assert.Throws<ArgumentException>(() => TreePlan.Make(new PackedTrees(nodes, [0], 2)).Sum(new float[3], new float[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => TreePlan.Make(new PackedTrees(nodes, [0], 2), new TreePlanOptions { TrialMsMax = -1 }));
    }

    // One question on a derived column: 1 for yes, −1 for no, by several walks.
    private static float Ask(DerivedColumn column, float value, bool missingGoesTrue, float threshold = 0)
    {
        var leaf = new PackedNode { Feature = PackedNode.MissingGoesTrue, Threshold = float.PositiveInfinity };
        var trees = new PackedTrees(
            [new() { Feature = 1 | (missingGoesTrue ? PackedNode.MissingGoesTrue : 0), Threshold = threshold, Child = 1 }, leaf with { Child = 1, Value = 1 }, leaf with { Child = 2, Value = -1 }],
            [0],
            featureCount: 1,
            derived: [column]);
        var plan = TreePlan.Make(trees, new TreePlanOptions { TrialMsMax = 0, Walk = null });
        var sums = new float[1000];
        plan.Sum(Enumerable.Repeat(value, 1000).ToArray(), sums);
        var leaves = new int[1];
        plan.Leaves([value], leaves);
        Assert.Equal(sums[0], trees.Nodes[leaves[0]].Value);
        return Assert.Single(sums.Distinct());
    }

    private static (PackedTrees Trees, float[] Rows, float[] Expected) Sample(int count)
    {
        var samples = new PackedSamples(count);
        for (var t = 0; t < 45; t++)
        {
            samples.Ragged(6, stop: 0.1);
        }

        var trees = samples.Build();
        var rows = samples.Rows(trees, count);
        var expected = new float[count];
        new ScalarTreeWalk().Sum(trees, rows, expected);
        return (trees, rows, expected);
    }
}
