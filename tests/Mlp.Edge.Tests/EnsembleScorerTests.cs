using Mlp.Core;
using Mlp.Edge.Tests.Models;
using Mlp.Kernels;

namespace Mlp.Edge.Tests;

/// <summary>The kernels against the plain walk, over ensembles of every kind.</summary>
public class EnsembleScorerTests
{
    private const int Features = 7;

    [Theory]
    [InlineData(ElementType.Float32, ElementType.Float32)]
    [InlineData(ElementType.Float32, ElementType.Float64)]
    [InlineData(ElementType.Float64, ElementType.Float32)]
    [InlineData(ElementType.Float64, ElementType.Float64)]
    public void Whatever_an_ensemble_asks_and_adds_its_scores_and_leaves_are_those_of_the_plain_walk_to_the_bit(ElementType input, ElementType sum)
    {
        var direct = 0;
        for (var seed = 0; seed < 60; seed++)
        {
            var ensemble = Make(seed, input, sum);
            var scorer = new EnsembleScorer(ensemble, new TreePlanOptions { TrialMsMax = 0 });
            Assert.NotNull(scorer.Layout);
            direct += EnsemblePacking.TryPack(ensemble)!.SumsDirectly ? 1 : 0;
            foreach (var count in (int[])[0, 1, 3, 70])
            {
                var floats = Rows(seed + count, count);
                double[] doubles = [.. floats.Select(static (x, i) => i % 5 == 0 ? x + 1e-12 : x)];
                Check<float, float>(ensemble, scorer, floats, count, static x => BitConverter.SingleToInt32Bits(x));
                Check<float, double>(ensemble, scorer, floats, count, BitConverter.DoubleToInt64Bits);
                Check<double, float>(ensemble, scorer, doubles, count, static x => BitConverter.SingleToInt32Bits(x));
                Check<double, double>(ensemble, scorer, doubles, count, BitConverter.DoubleToInt64Bits);
            }
        }

        Assert.True(sum == ElementType.Float64 ? direct == 0 : direct is > 5 and < 55, $"{direct} of 60 are summed by the kernels");
    }

    private static void Check<TRow, TScore>(TreeEnsemble ensemble, EnsembleScorer scorer, TRow[] rows, int count, Func<TScore, long> bits)
        where TRow : unmanaged
        where TScore : unmanaged
    {
        TScore[] expected = new TScore[count * ensemble.TargetCount], scores = new TScore[expected.Length];
        EnsembleWalk.Score<TRow, TScore>(ensemble, rows, expected);
        scorer.Score<TRow, TScore>(rows, scores);
        Assert.Equal(expected.Select(bits), scores.Select(bits));
        int[] leaves = new int[count * ensemble.Roots.Length], reached = new int[leaves.Length];
        EnsembleWalk.Leaves<TRow>(ensemble, rows, leaves);
        scorer.Leaves<TRow>(rows, reached);
        Assert.Equal(leaves, reached);
    }

    private static TreeEnsemble Make(int seed, ElementType input, ElementType sum)
    {
        var random = new Random(seed);
        var targets = random.Next(3) == 0 ? 3 : 1;
        var builder = new TreeEnsembleBuilder(Features, targets, input, sum);
        var (isPlain, hasLinear) = (random.Next(2) == 0, random.Next(4) == 0);
        for (var trees = random.Next(1, 20); trees > 0; trees--)
        {
            builder.BeginTree();
            var target = random.Next(targets);
            for (int open = 1, count = 1; open > 0; open--)
            {
                if (count > 60 || random.Next(3) == 0)
                {
                    AddLeaf(builder, random, target, isPlain ? 1 : random.Next(0, 3), targets, hasLinear && !isPlain);
                    continue;
                }

                AddBranch(builder, random, count, isPlain);
                (count, open) = (count + 2, open + 2);
            }
        }

        var sumFromBase = random.Next(3) == 0;
        var aggregate = sumFromBase ? EnsembleAggregate.Sum : (EnsembleAggregate)random.Next(isPlain ? 2 : 4);
        return builder.Build(new EnsembleOutput { Aggregate = aggregate, SumFromBase = sumFromBase, BaseValues = [.. Enumerable.Range(0, targets).Select(_ => random.NextDouble() - 0.5)] });
    }

    private static void AddLeaf(TreeEnsembleBuilder builder, Random random, int target, int weights, int targets, bool isLinear)
    {
        if (isLinear && random.Next(2) == 0)
        {
            builder.LinearLeaf(new LeafWeight(target, random.NextDouble()), random.NextDouble(), [new LeafCoefficient(random.Next(Features), random.NextDouble()), new LeafCoefficient(random.Next(Features), -random.NextDouble())]);
            return;
        }

        builder.Leaf([.. Enumerable.Range(0, weights).Select(i => new LeafWeight((target + i) % targets, random.NextDouble() - 0.5))]);
    }

    private static void AddBranch(TreeEnsembleBuilder builder, Random random, int child, bool isPlain)
    {
        var feature = random.Next(Features);
        var flags = random.Next(2) == 0 ? NodeFlags.MissingGoesTrue : NodeFlags.None;
        if (!isPlain && random.Next(4) == 0)
        {
            flags |= random.Next(2) == 0 ? NodeFlags.TruncatesFractions : NodeFlags.None;
            flags |= random.Next(2) == 0 ? NodeFlags.NegativesAreOutside : NodeFlags.None;
            builder.Member(feature, [(ulong)random.NextInt64(), .. random.Next(2) == 0 ? new[] { 5UL } : []], child, child + 1, flags);
            return;
        }

        var mode = (NodeMode)random.Next(1, isPlain ? 5 : 7);
        flags |= mode is not (NodeMode.Equal or NodeMode.NotEqual) && !isPlain && random.Next(3) == 0 ? NodeFlags.ZeroIsMissing : NodeFlags.None;
        var threshold = Threshold(random);
        builder.Branch(mode, feature, (flags & NodeFlags.ZeroIsMissing) != 0 && double.IsNegativeInfinity(threshold) ? 0.25 : threshold, child, child + 1, flags);
    }

    // Few, so that rows meet them; some that no float is, infinite, or hardly more than zero.
    private static double Threshold(Random random) => random.Next(12) switch
    {
        0 => double.NegativeInfinity,
        1 => double.PositiveInfinity,
        2 => 1e-36,
        3 => -1e-36,
        4 => 0.1,
        5 => 1e300,
        6 => -0.0,
        _ => random.Next(-6, 7) / 4.0,
    };

    private static float[] Rows(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count * Features).Select(_ => random.Next(16) switch
        {
            0 => float.NaN,
            1 => float.NegativeInfinity,
            2 => float.PositiveInfinity,
            3 => 0f,
            4 => -0f,
            5 => 1e-36f,
            6 => 0.1f,
            7 => -0.25f,
            _ => random.Next(-6, 70) / 4f,
        })];
    }
}
