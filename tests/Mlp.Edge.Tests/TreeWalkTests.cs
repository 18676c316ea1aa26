using Mlp.Edge.Tests.Models;
using Mlp.Kernels;

namespace Mlp.Edge.Tests;

/// <summary>Every walk against the reference, to the bit.</summary>
public sealed class TreeWalkTests
{
    [Fact]
    public void Every_walk_gives_the_bits_of_the_reference_for_every_number_of_rows()
    {
        for (var seed = 0; seed < 4; seed++)
        {
            var samples = new PackedSamples(seed);
            for (var t = 0; t < 20; t++)
            {
                _ = (t % 5) switch
                {
                    0 => samples.Ragged(6),
                    1 => samples.Perfect(t % 9),
                    2 => samples.Chain(t, seed % 2 == 0),
                    3 => samples.LeafWise(31),
                    _ => samples.Ragged(0),
                };
            }

            var trees = samples.Build();
            for (var count = 0; count <= 130; count++)
            {
                Agree(trees, samples.Rows(trees, count), count, $"seed {seed}, {count} rows");
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(11)]
    public void Trees_of_any_depth_are_walked_alike(int depth)
    {
        foreach (var targets in (int[])[1, 3])
        {
            var samples = new PackedSamples(depth) { Features = 28 };
            for (var t = 0; t < 37; t++)
            {
                _ = t % 3 == 0 ? samples.Ragged(depth) : samples.Perfect(depth);
            }

            Agree(samples, targets);
        }
    }

    [Theory]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(130)]
    [InlineData(1000)]
    [InlineData(3000)]
    public void Rows_of_any_width_are_walked_alike(int features)
    {
        var samples = new PackedSamples(features) { Features = features };
        for (var t = 0; t < 60; t++)
        {
            samples.Ragged(7, stop: 0.05);
        }

        Agree(samples);
    }

    [Theory]
    [InlineData(1, 16)]
    [InlineData(1, 17)]
    [InlineData(1, 254)]
    [InlineData(1, 255)]
    [InlineData(1, 256)]
    [InlineData(1, 257)]
    [InlineData(2, 4097)]
    [InlineData(28, 0)]
    public void Any_number_of_distinct_thresholds_is_ranked_alike(int features, int thresholds)
    {
        var samples = new PackedSamples(thresholds) { Features = features, Thresholds = thresholds };
        for (var t = 0; t < 150; t++)
        {
            samples.Perfect(6);
        }

        Agree(samples);
    }

    [Fact]
    public void More_thresholds_than_16_bits_can_count_are_walked_alike()
    {
        var samples = new PackedSamples(65_535) { Features = 1, Thresholds = 0 };
        for (var t = 0; t < 2300; t++)
        {
            samples.Perfect(6);
        }

        var trees = samples.Build();
        Assert.True(trees.Nodes.ToArray().Where((node, i) => node.Child != i && node.Feature >= 0).Select(node => node.Threshold).Distinct().Count() > ushort.MaxValue);
        Agree(trees, samples.Rows(trees, 70), 70, "many thresholds");
    }

    [Theory]
    [InlineData(31)]
    [InlineData(63)]
    [InlineData(255)]
    [InlineData(600)]
    public void Trees_grown_leaf_by_leaf_are_walked_alike(int leaves)
    {
        var samples = new PackedSamples(leaves) { Features = 17 };
        for (var t = 0; t < 50; t++)
        {
            samples.LeafWise(leaves);
        }

        Agree(samples);
    }

    [Theory]
    [InlineData(true, 30)]
    [InlineData(false, 30)]
    [InlineData(true, 255)]
    [InlineData(false, 255)]
    [InlineData(true, 5000)]
    [InlineData(false, 5000)]
    public void Chains_are_walked_alike(bool ofYes, int depth) => Agree(new PackedSamples(depth) { Thresholds = 0 }.Chain(depth, ofYes).Chain(depth / 2, !ofYes));

    [Fact]
    public void One_leaf_and_no_tree_at_all_are_walked_alike()
    {
        Agree(new PackedSamples(1).Ragged(0));
        Agree(new PackedSamples(1).Ragged(0).Ragged(0).Perfect(1));
        Agree(new PackedTrees([], [], 3), new float[3 * 70], 70, "no tree");
    }

    [Fact]
    public void Many_targets_are_summed_each_by_itself()
    {
        foreach (var targets in (int[])[2, 5, 100, 300])
        {
            var samples = new PackedSamples(targets);
            for (var t = 0; t < 2 * targets; t++)
            {
                samples.Ragged(5);
            }

            Agree(samples, targets);
        }
    }

    [Fact]
    public void Sums_are_added_onto_what_the_caller_holds_in_the_order_of_the_trees()
    {
        // In float (1e8 + 3) − 1e8 is 0 or 8, and 1e8 + (3 − 1e8) is 3: another order would show.
        var leaf = new PackedNode { Threshold = float.PositiveInfinity, Feature = PackedNode.MissingGoesTrue };
        var trees = new PackedTrees([leaf with { Child = 0, Value = 3 }, leaf with { Child = 1, Value = -1e8f }], [0, 1], 1);
        foreach (var walk in TreeWalks.All)
        {
            var sums = new float[70];
            Array.Fill(sums, 1e8f);
            walk.Sum(trees, new float[70], sums);
            Assert.All(sums, sum => Assert.Equal((1e8f + 3f) - 1e8f, sum));
        }
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused_by_every_walk()
    {
        var trees = new PackedSamples(1).Perfect(3).Build(targets: 2);
        foreach (var walk in TreeWalks.All)
        {
            Assert.Throws<ArgumentException>(() => walk.Sum(trees, new float[13], new float[2]));
            Assert.Throws<ArgumentException>(() => walk.Sum(trees, new float[14], new float[2]));
            Assert.Throws<ArgumentException>(() => walk.Sum(trees, new float[7], new float[3]));
        }
    }

    private static void Agree(PackedSamples samples, int targets = 1)
    {
        var trees = samples.Build(targets);
        foreach (var count in (int[])[1, 2, 63, 64, 65, 129, 300, 600])
        {
            Agree(trees, samples.Rows(trees, count), count, $"{count} rows");
        }
    }

    private static void Agree(PackedTrees trees, float[] rows, int count, string what)
    {
        float[] start = [.. Enumerable.Range(0, count * trees.TargetCount).Select(i => (i % 7) / 3f)];
        float[] expected = [.. start];
        new ScalarTreeWalk().Sum(trees, rows, expected);
        foreach (var walk in TreeWalks.All)
        {
            float[] sums = [.. start];
            walk.Prepare(trees);
            walk.Sum(trees, rows, sums);
            for (var i = 0; i < sums.Length; i++)
            {
                if (BitConverter.SingleToInt32Bits(sums[i]) != BitConverter.SingleToInt32Bits(expected[i]))
                {
                    Assert.Fail($"{walk.Name}, {what}: sum {i} is {sums[i]:R}, expected {expected[i]:R}");
                }
            }
        }
    }
}
