using Mlp.Core;

namespace Mlp.Edge;

/// <summary>The plain walk over the neutral ensemble: every mode, aggregate and number of targets. The truth for the packed layouts, and the way of those ensembles that have none.</summary>
internal static class EnsembleWalk
{
    public static void Score(TreeEnsemble ensemble, ReadOnlySpan<float> rows, Span<float> scores)
    {
        var targets = ensemble.TargetCount;
        for (var r = 0; r < scores.Length / targets; r++)
        {
            ScoreRow(ensemble, rows.Slice(r * ensemble.FeatureCount, ensemble.FeatureCount), scores.Slice(r * targets, targets));
        }
    }

    private static void ScoreRow(TreeEnsemble ensemble, ReadOnlySpan<float> row, Span<float> scores)
    {
        scores.Fill(ensemble.Aggregate switch
        {
            EnsembleAggregate.Min => float.PositiveInfinity,
            EnsembleAggregate.Max => float.NegativeInfinity,
            _ => 0,
        });
        foreach (var root in ensemble.Roots)
        {
            foreach (var weight in ensemble.WeightsOf(ensemble.Nodes[Leaf(ensemble, root, row)]))
            {
                ref var score = ref scores[weight.Target];
                score = ensemble.Aggregate switch
                {
                    EnsembleAggregate.Min => MathF.Min(score, weight.Weight),
                    EnsembleAggregate.Max => MathF.Max(score, weight.Weight),
                    _ => score + weight.Weight,
                };
            }
        }

        for (var target = 0; target < scores.Length; target++)
        {
            if (ensemble.Aggregate == EnsembleAggregate.Average)
            {
                scores[target] /= ensemble.Roots.Length;
            }
            else if (ensemble.Aggregate != EnsembleAggregate.Sum && float.IsInfinity(scores[target]))
            {
                // No tree has a weight for this target.
                scores[target] = 0;
            }

            scores[target] += ensemble.BaseValues[target];
        }
    }

    private static int Leaf(TreeEnsemble ensemble, int index, ReadOnlySpan<float> row)
    {
        while (true)
        {
            ref readonly var node = ref ensemble.Nodes[index];
            if (node.Mode == NodeMode.Leaf)
            {
                return index;
            }

            var x = row[node.Feature];
            var yes = float.IsNaN(x) && node.MissingGoesTrue;
            yes |= node.Mode switch
            {
                NodeMode.LessOrEqual => x <= node.Threshold,
                NodeMode.Less => x < node.Threshold,
                NodeMode.GreaterOrEqual => x >= node.Threshold,
                NodeMode.Greater => x > node.Threshold,
                NodeMode.Equal => x == node.Threshold,
                _ => x != node.Threshold,
            };
            index = yes ? node.TrueChild : node.FalseChild;
        }
    }
}
