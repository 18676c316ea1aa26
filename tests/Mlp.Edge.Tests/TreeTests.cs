using Mlp.Core;
using Mlp.Edge.Tests.Models;
using Mlp.Kernels;

namespace Mlp.Edge.Tests;

public class TreeTests
{
    [Theory]
    [InlineData(1, EnsembleAggregate.Sum, PostTransform.None)]
    [InlineData(1, EnsembleAggregate.Average, PostTransform.None)]
    [InlineData(1, EnsembleAggregate.Min, PostTransform.None)]
    [InlineData(3, EnsembleAggregate.Sum, PostTransform.None)]
    [InlineData(3, EnsembleAggregate.Max, PostTransform.None)]
    public void A_regressor_gives_what_onnx_runtime_gives(int targets, EnsembleAggregate aggregate, PostTransform transform)
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var ensemble = RandomTrees.Ensemble(seed, features: 7, trees: 20, depthMax: 5, targets, aggregate, transform, everyMode: seed % 2 == 1);
            var rows = RandomTrees.Rows(seed + 100, 7, 50);
            var onnx = TreeEnsembleOnnx.Regressor(ensemble).Write();
            using var ort = new Ort(onnx);
            Close(ort.Floats(rows, 7, "scores"), RunEdge(onnx, rows, 50));
        }
    }

    [Theory]
    [InlineData(PostTransform.Logistic, false)]
    [InlineData(PostTransform.None, false)]
    [InlineData(PostTransform.Logistic, true)]
    [InlineData(PostTransform.None, true)]
    public void A_classifier_of_two_classes_gives_the_label_and_probabilities_of_onnx_runtime(PostTransform transform, bool positive)
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var ensemble = RandomTrees.Ensemble(seed, 5, trees: 15, depthMax: 6, transform: transform, everyMode: false);
            if (positive)
            {
                ensemble = AllPositive(ensemble);
            }

            var rows = RandomTrees.Rows(seed + 7, 5, 60);
            var onnx = TreeEnsembleOnnx.BinaryClassifier(ensemble).Write();
            using var ort = new Ort(onnx);
            var model = EdgeModel.Load(onnx);
            var session = model.CreateSession(60);
            rows.CopyTo(session.Input());
            session.Run(60);
            Close(ort.Floats(rows, 5, "probabilities"), session.Output<float>(1).ToArray());
            Assert.Equal(ort.Longs(rows, 5, "label"), session.Output<long>(0).ToArray());
        }
    }

    [Fact]
    public void Every_walk_gives_the_bits_of_the_plain_walk_for_every_number_of_rows()
    {
        for (var seed = 0; seed < 6; seed++)
        {
            var ensemble = RandomTrees.Ensemble(seed, 9, trees: 1 + (seed * 5), depthMax: seed == 0 ? 0 : 7, everyMode: false);
            var packed = EnsemblePacking.TryPack(ensemble)?.Trees;
            Assert.NotNull(packed);
            for (var count = 0; count <= 130; count++)
            {
                var rows = RandomTrees.Rows(seed + count, 9, count);
                var expected = new float[count];
                EnsembleWalk.Score(ensemble, rows, expected);
                foreach (var walk in TreeWalks.All)
                {
                    var sums = new float[count];
                    walk.Sum(packed, rows, sums);
                    for (var r = 0; r < count; r++)
                    {
                        Assert.Equal(BitConverter.SingleToInt32Bits(expected[r]), BitConverter.SingleToInt32Bits(sums[r] + (float)ensemble.BaseValues[0]));
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(5, 40, 5)] // one word of leaves
    [InlineData(12, 30, 9)] // several words
    [InlineData(33, 20, 6)] // more columns than two vectors
    [InlineData(300, 90, 6)] // more columns than a block
    [InlineData(4, 3, 13)] // more nodes than are worth asking
    public void Every_walk_gives_the_bits_of_the_plain_walk_for_every_shape(int features, int trees, int depth)
    {
        var ensemble = Full(features, trees, depth);
        AllWalksAgree(ensemble, RandomTrees.Rows(features, features, 77), 77);
    }

    [Theory]
    [InlineData(true, 10)]
    [InlineData(false, 10)]
    [InlineData(true, 200)]
    [InlineData(false, 200)]
    [InlineData(true, 20_000)]
    [InlineData(false, 20_000)]
    public void A_tree_that_is_a_chain_is_walked_to_the_same_leaf(bool chainOfYes, int depth)
    {
        var builder = new TreeEnsembleBuilder(2);
        builder.BeginTree();
        for (var i = 0; i < depth; i++)
        {
            // Every branch has a leaf and the next branch; a branch stands at 2i, its leaf at 2i + 1.
            var threshold = chainOfYes ? 1 - (i / (float)depth) : i / (float)depth;
            builder.Branch(NodeMode.LessOrEqual, i % 2, threshold, (2 * i) + (chainOfYes ? 2 : 1), (2 * i) + (chainOfYes ? 1 : 2), i % 3 == 0);
            builder.Leaf(i);
        }

        builder.Leaf(-1);
        var random = new Random(depth);
        float[] rows = [.. Enumerable.Range(0, 2 * 50).Select(_ => random.Next(20) == 0 ? float.NaN : random.NextSingle())];
        AllWalksAgree(builder.Build(), rows, 50);
    }

    [Fact]
    public void Strict_and_reversed_comparisons_pack_without_a_change_of_any_bit()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var builder = new TreeEnsembleBuilder(1);
            builder.BeginTree().Branch((NodeMode)(1 + (seed % 4)), 0, random.Next(-2, 3) / 2f, 1, 2, seed % 8 >= 4).Leaf(1).Leaf(2);
            var ensemble = builder.Build();
            var packed = EnsemblePacking.TryPack(ensemble)?.Trees;
            Assert.NotNull(packed);
            var rows = RandomTrees.Rows(seed, 1, 200);
            var expected = new float[200];
            var sums = new float[200];
            EnsembleWalk.Score(ensemble, rows, expected);
            TreeWalks.Best.Sum(packed, rows, sums);
            Assert.Equal(expected, sums);
        }
    }

    [Fact]
    public void A_row_gives_the_same_bits_whatever_stands_beside_it()
    {
        var ensemble = RandomTrees.Ensemble(3, 6, 40, 6, everyMode: false);
        var model = EdgeModel.Prepare(TreeEnsembleOnnx.Regressor(ensemble));
        var rows = RandomTrees.Rows(4, 6, 97);
        var all = model.CreateSession(97);
        rows.CopyTo(all.Input());
        all.Run(97);
        var one = model.CreateSession(1);
        for (var r = 0; r < 97; r++)
        {
            Assert.Equal(BitConverter.SingleToInt32Bits(all.Output<float>()[r]), BitConverter.SingleToInt32Bits(one.Run(rows.AsSpan(r * 6, 6))[0]));
        }
    }

    private static void AllWalksAgree(TreeEnsemble ensemble, float[] rows, int count)
    {
        var packed = EnsemblePacking.TryPack(ensemble)?.Trees;
        Assert.NotNull(packed);
        var expected = new float[count];
        EnsembleWalk.Score(ensemble, rows, expected);
        Assert.True(expected.Distinct().Count() > 3);
        foreach (var walk in TreeWalks.All)
        {
            // All at once, and row by row.
            var sums = new float[count];
            walk.Sum(packed, rows, sums);
            var lone = new float[1];
            for (var r = 0; r < count; r++)
            {
                Assert.True(BitConverter.SingleToInt32Bits(expected[r]) == BitConverter.SingleToInt32Bits(sums[r] + (float)ensemble.BaseValues[0]), $"{walk.Name}, row {r}: {sums[r] + (float)ensemble.BaseValues[0]:R}, expected {expected[r]:R}");
                lone[0] = 0;
                walk.Sum(packed, rows.AsSpan(r * ensemble.FeatureCount, ensemble.FeatureCount), lone);
                Assert.Equal(BitConverter.SingleToInt32Bits(sums[r]), BitConverter.SingleToInt32Bits(lone[0]));
            }
        }
    }

    // Every branch down to a depth is there, so that the number of leaves is known.
    private static TreeEnsemble Full(int features, int trees, int depth)
    {
        var random = new Random(depth);
        var builder = new TreeEnsembleBuilder(features);
        for (var t = 0; t < trees; t++)
        {
            builder.BeginTree();
            for (var i = 0; i < (1 << depth) - 1; i++)
            {
                builder.Branch(NodeMode.LessOrEqual, random.Next(features), random.Next(-8, 9) / 4f, (2 * i) + 1, (2 * i) + 2, random.Next(3) == 0);
            }

            for (var i = 0; i < 1 << depth; i++)
            {
                builder.Leaf((float)random.NextDouble() - 0.5f);
            }
        }

        return builder.Build();
    }

    private static TreeEnsemble AllPositive(TreeEnsemble source)
    {
        var builder = new TreeEnsembleBuilder(source.FeatureCount);
        for (var t = 0; t < source.Roots.Length; t++)
        {
            builder.BeginTree();
            var root = source.Roots[t];
            var end = t + 1 < source.Roots.Length ? source.Roots[t + 1] : source.Nodes.Length;
            for (var i = root; i < end; i++)
            {
                var node = source.Nodes[i];
                _ = node.Mode == NodeMode.Leaf
                    ? builder.Leaf(Math.Abs(source.WeightsOf(node)[0].Weight) / source.Roots.Length)
                    : builder.Branch(node.Mode, node.Feature, node.Threshold, node.TrueChild - root, node.FalseChild - root, node.MissingGoesTrue);
            }
        }

        return builder.Build(EnsembleAggregate.Sum, source.PostTransform, 0.1f);
    }

    private static float[] RunEdge(byte[] onnx, float[] rows, int count)
    {
        var session = EdgeModel.Load(onnx).CreateSession(count);
        rows.CopyTo(session.Input());
        session.Run(count);
        return session.Output<float>().ToArray();
    }

    private static void Close(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(MathF.Abs(expected[i] - actual[i]) <= 1e-5f * MathF.Max(1, MathF.Abs(expected[i])), $"element {i}: expected {expected[i]}, got {actual[i]}");
        }
    }
}
