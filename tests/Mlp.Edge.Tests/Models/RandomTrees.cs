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
        for (var t = 0; t < trees; t++)
        {
            builder.BeginTree();
            var depths = new List<int> { 0 };
            for (var i = 0; i < depths.Count; i++)
            {
                if (depths[i] == depthMax || (i > 0 && random.Next(4) == 0) || (t == 0))
                {
                    var weights = new LeafWeight[targets];
                    for (var k = 0; k < targets; k++)
                    {
                        weights[k] = new LeafWeight(k, (float)((random.NextDouble() * 2) - 1));
                    }

                    builder.Leaf(weights);
                    continue;
                }

                var mode = everyMode ? (NodeMode)random.Next(1, 7) : NodeMode.LessOrEqual;
                builder.Branch(mode, random.Next(features), Threshold(random), depths.Count, depths.Count + 1, random.Next(2) == 0);
                depths.Add(depths[i] + 1);
                depths.Add(depths[i] + 1);
            }
        }

        var bases = new double[targets];
        for (var k = 0; k < targets; k++)
        {
            bases[k] = (float)random.NextDouble() - 0.5f;
        }

        return builder.Build(aggregate, transform, bases);
    }

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

    // Few distinct values, so that rows meet thresholds exactly.
    private static float Threshold(Random random) => random.Next(16) == 0 ? Special[random.Next(1, Special.Length)] : random.Next(-8, 9) / 4f;
}
