using Mlp.Core;

namespace Mlp.Edge.Tests.Models;

/// <summary>Ragged seeded ensembles, with the values that break comparisons.</summary>
internal static class RandomTrees
{
    private static readonly float[] Special = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0f, -0f, float.Epsilon, -float.Epsilon, float.MaxValue, 1f];

    public static TreeEnsemble Ensemble(int seed, int features, int trees, int depthMax, int targets = 1, EnsembleAggregate aggregate = EnsembleAggregate.Sum, PostTransform transform = PostTransform.None, bool everyMode = true)
    {
        var random = new Random(seed);
        var builder = new TreeEnsembleBuilder(features, targets);
        Grow(builder, random, features, trees, depthMax, targets, everyMode, sets: false);
        return builder.Build(aggregate, transform, Bases(random, targets));
    }

    /// <summary>An ensemble of any type, perhaps with sets; a leaf has weights for one target, or for all.</summary>
    public static TreeEnsembleBuilder Builder(int seed, int features, int trees, int depthMax, int targets, ElementType type, bool sets = false, bool oneWeight = false, ElementType? sum = null)
    {
        var builder = new TreeEnsembleBuilder(features, targets, type, sum ?? type);
        Grow(builder, new Random(seed), features, trees, depthMax, targets, everyMode: true, sets, oneWeight);
        return builder;
    }

    public static double[] Bases(Random random, int targets) => [.. Enumerable.Range(0, targets).Select(_ => (double)((float)random.NextDouble() - 0.5f))];

    public static float[] Rows(int seed, int features, int rows)
    {
        var random = new Random(seed);
        var data = new float[rows * features];
        for (var i = 0; i < data.Length; i++)
        {
            data[i] = random.Next(8) == 0 ? Special[random.Next(Special.Length)] : Threshold(random);
        }

        return data;
    }

    /// <summary>Rows of categories among other whole numbers. (Of fractions, ONNX Runtime finds some in large sets and none in small ones.)</summary>
    public static float[] CategoryRows(int seed, int features, int rows)
    {
        var random = new Random(seed);
        var data = Rows(seed, features, rows);
        for (var i = 0; i < data.Length; i++)
        {
            data[i] = random.Next(3) == 0 ? MathF.Round(data[i]) : random.Next(150);
        }

        return data;
    }

    private static void Grow(TreeEnsembleBuilder builder, Random random, int features, int trees, int depthMax, int targets, bool everyMode, bool sets, bool oneWeight = false)
    {
        for (var t = 0; t < trees; t++)
        {
            builder.BeginTree();
            var depths = new List<int> { 0 };
            for (var i = 0; i < depths.Count; i++)
            {
                if (depths[i] == depthMax || (i > 0 && random.Next(4) == 0) || (t == 0))
                {
                    builder.Leaf(Weights(random, targets, oneWeight));
                    continue;
                }

                var missing = random.Next(2) == 0;
                if (sets && random.Next(2) == 0)
                {
                    builder.Member(random.Next(features), Set(random), depths.Count, depths.Count + 1, missing ? NodeFlags.MissingGoesTrue : NodeFlags.None);
                }
                else
                {
                    var mode = everyMode ? (NodeMode)random.Next(1, 7) : NodeMode.LessOrEqual;
                    builder.Branch(mode, random.Next(features), Threshold(random), depths.Count, depths.Count + 1, missing);
                }

                depths.Add(depths[i] + 1);
                depths.Add(depths[i] + 1);
            }
        }
    }

    private static LeafWeight[] Weights(Random random, int targets, bool oneWeight)
    {
        var weights = new LeafWeight[oneWeight ? 1 : targets];
        for (var k = 0; k < weights.Length; k++)
        {
            weights[k] = new LeafWeight(oneWeight ? random.Next(targets) : k, (random.NextDouble() * 2) - 1);
        }

        return weights;
    }

    private static ulong[] Set(Random random) => random.Next(4) switch
    {
        0 => [],
        1 => [(ulong)random.Next(1 << 16)],
        2 => [1ul << random.Next(64)],
        _ => [(ulong)random.NextInt64(), (ulong)random.NextInt64()],
    };

    // Few distinct values, so that rows meet thresholds exactly.
    private static float Threshold(Random random) => random.Next(16) == 0 ? Special[random.Next(1, Special.Length)] : random.Next(-8, 9) / 4f;
}
