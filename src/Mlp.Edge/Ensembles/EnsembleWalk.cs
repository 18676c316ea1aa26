using System.Buffers;
using Mlp.Core;

namespace Mlp.Edge;

/// <summary>
/// The plain walk over the neutral ensemble: every mode, leaf, aggregate, number of targets and type. The truth for the packed layouts, and
/// the way of those ensembles that have none. Kept simple for ever.
/// </summary>
/// <remarks>
/// All numbers are held as doubles. A float row's comparisons are the same there, and a float sum is a double sum rounded after each
/// addition: a double is wide enough that rounding twice gives what one float addition gives.
/// </remarks>
internal static class EnsembleWalk
{
    /// <summary>LightGBM's kZeroThreshold: a float constant, compared in double.</summary>
    public const double ZeroMax = 1e-35f;

    private const int StackTargetsMax = 64;

    /// <summary>Aggregated leaves and base values, before any transform.</summary>
    /// <param name="ensemble">The trees.</param>
    /// <param name="rows">Row-major features.</param>
    /// <param name="scores">Row-major, one a target; overwritten.</param>
    public static void Score<TRow, TScore>(TreeEnsemble ensemble, ReadOnlySpan<TRow> rows, Span<TScore> scores)
        where TRow : unmanaged
        where TScore : unmanaged
    {
        var targets = ensemble.TargetCount;
        var rented = targets > StackTargetsMax ? ArrayPool<double>.Shared.Rent(targets) : null;
        var totals = rented is null ? stackalloc double[StackTargetsMax] : rented;
        totals = totals[..targets];
        for (var r = 0; r < scores.Length / targets; r++)
        {
            ScoreRow(ensemble, rows.Slice(r * ensemble.FeatureCount, ensemble.FeatureCount), totals);
            for (var target = 0; target < targets; target++)
            {
                scores[(r * targets) + target] = Real.Of<TScore>(totals[target]);
            }
        }

        if (rented is not null)
        {
            ArrayPool<double>.Shared.Return(rented);
        }
    }

    /// <summary>The leaf that each row reaches in each tree, as the node's index within its tree.</summary>
    /// <param name="ensemble">The trees.</param>
    /// <param name="rows">Row-major features.</param>
    /// <param name="leaves">Row-major, one a tree; overwritten.</param>
    public static void Leaves<TRow>(TreeEnsemble ensemble, ReadOnlySpan<TRow> rows, Span<int> leaves)
        where TRow : unmanaged
    {
        var roots = ensemble.Roots;
        for (var r = 0; r < leaves.Length / roots.Length; r++)
        {
            var row = rows.Slice(r * ensemble.FeatureCount, ensemble.FeatureCount);
            for (var t = 0; t < roots.Length; t++)
            {
                leaves[(r * roots.Length) + t] = Leaf(ensemble, roots[t], row) - roots[t];
            }
        }
    }

    /// <summary>What each tree gives each target, before aggregation: row-major, the targets of a tree side by side.</summary>
    /// <param name="ensemble">The trees.</param>
    /// <param name="rows">Row-major features.</param>
    /// <param name="values">Rows × trees × targets; overwritten, with 0 where a leaf has nothing for a target.</param>
    public static void Contributions<TRow, TScore>(TreeEnsemble ensemble, ReadOnlySpan<TRow> rows, Span<TScore> values)
        where TRow : unmanaged
        where TScore : unmanaged
    {
        values.Clear();
        var roots = ensemble.Roots;
        var targets = ensemble.TargetCount;
        for (var place = 0; place < values.Length / targets; place++)
        {
            var row = rows.Slice(place / roots.Length * ensemble.FeatureCount, ensemble.FeatureCount);
            ref readonly var leaf = ref ensemble.Nodes[Leaf(ensemble, roots[place % roots.Length], row)];
            foreach (var weight in ensemble.WeightsOf(leaf))
            {
                ref var value = ref values[(place * targets) + weight.Target];
                value = Real.Of<TScore>(Round(ensemble, Real.ToDouble(value) + Value(ensemble, leaf, weight, row)));
            }
        }
    }

    /// <summary>Index of the leaf, among all nodes, that a row reaches from a root.</summary>
    public static int Leaf<TRow>(TreeEnsemble ensemble, int root, ReadOnlySpan<TRow> row)
        where TRow : unmanaged
    {
        for (var index = root; ;)
        {
            ref readonly var node = ref ensemble.Nodes[index];
            if (node.Mode == NodeMode.Leaf)
            {
                return index;
            }

            index = IsTrue(ensemble, node, Feature(ensemble, row, node.Feature)) ? node.TrueChild : node.FalseChild;
        }
    }

    /// <summary>The answer to a node's question.</summary>
    public static bool IsTrue(TreeEnsemble ensemble, in TreeNode node, double x)
    {
        if (double.IsNaN(x))
        {
            return node.MissingGoesTrue || (node.Mode == NodeMode.NotEqual && !node.ZeroIsMissing);
        }

        if (node.ZeroIsMissing && Math.Abs(x) <= ZeroMax)
        {
            return node.MissingGoesTrue;
        }

        return node.Mode switch
        {
            NodeMode.LessOrEqual => x <= node.Threshold,
            NodeMode.Less => x < node.Threshold,
            NodeMode.GreaterOrEqual => x >= node.Threshold,
            NodeMode.Greater => x > node.Threshold,
            NodeMode.Equal => x == node.Threshold,
            NodeMode.NotEqual => x != node.Threshold,
            _ => Contains(ensemble.SetOf(node), node.Flags, x),
        };
    }

    private static bool Contains(ReadOnlySpan<ulong> set, NodeFlags flags, double x)
    {
        if ((flags & NodeFlags.TruncatesFractions) != 0 && (x >= 0 || (flags & NodeFlags.NegativesAreOutside) == 0))
        {
            x = Math.Truncate(x);
        }

        if (!(x >= 0 && x < set.Length * 64L))
        {
            return false;
        }

        var category = (int)x;
        return category == x && (set[category >> 6] >> (category & 63) & 1) != 0;
    }

    /// <summary>A row's raw scores, once its leaves are known.</summary>
    /// <param name="ensemble">The trees.</param>
    /// <param name="leaves">The index among all nodes of each tree's leaf.</param>
    /// <param name="row">The features, which leaves may ask for.</param>
    /// <param name="totals">One a target; overwritten.</param>
    public static void Aggregate<TRow>(TreeEnsemble ensemble, ReadOnlySpan<int> leaves, ReadOnlySpan<TRow> row, Span<double> totals)
        where TRow : unmanaged
    {
        Begin(ensemble, totals);
        foreach (var leaf in leaves)
        {
            AddLeaf(ensemble, ensemble.Nodes[leaf], row, totals);
        }

        if (!ensemble.Output.SumFromBase)
        {
            AddBase(ensemble, ensemble.Aggregate, totals);
        }
    }

    private static void ScoreRow<TRow>(TreeEnsemble ensemble, ReadOnlySpan<TRow> row, Span<double> totals)
        where TRow : unmanaged
    {
        Begin(ensemble, totals);
        foreach (var root in ensemble.Roots)
        {
            AddLeaf(ensemble, ensemble.Nodes[Leaf(ensemble, root, row)], row, totals);
        }

        if (!ensemble.Output.SumFromBase)
        {
            AddBase(ensemble, ensemble.Aggregate, totals);
        }
    }

    private static void Begin(TreeEnsemble ensemble, Span<double> totals)
    {
        if (ensemble.Output.SumFromBase)
        {
            ensemble.BaseValues.CopyTo(totals);
        }
        else
        {
            // NaN, which no leaf's weight is, says that no tree has reached the target yet.
            totals.Fill(ensemble.Aggregate is EnsembleAggregate.Min or EnsembleAggregate.Max ? double.NaN : 0);
        }
    }

    private static void AddLeaf<TRow>(TreeEnsemble ensemble, in TreeNode leaf, ReadOnlySpan<TRow> row, Span<double> totals)
        where TRow : unmanaged
    {
        foreach (var weight in ensemble.WeightsOf(leaf))
        {
            ref var total = ref totals[weight.Target];
            var value = Value(ensemble, leaf, weight, row);
            total = ensemble.Aggregate switch
            {
                EnsembleAggregate.Min => double.IsNaN(total) || value < total ? value : total,
                EnsembleAggregate.Max => double.IsNaN(total) || value > total ? value : total,
                _ => Round(ensemble, total + value),
            };
        }
    }

    private static void AddBase(TreeEnsemble ensemble, EnsembleAggregate aggregate, Span<double> totals)
    {
        for (var target = 0; target < totals.Length; target++)
        {
            if (aggregate == EnsembleAggregate.Average)
            {
                totals[target] = ensemble.Sum == ElementType.Float32 ? (float)totals[target] / (float)ensemble.Divisor : totals[target] / ensemble.Divisor;
            }
            else if (aggregate != EnsembleAggregate.Sum && double.IsNaN(totals[target]))
            {
                totals[target] = 0;
            }

            totals[target] = Round(ensemble, totals[target] + ensemble.BaseValues[target]);
        }
    }

    private static double Value<TRow>(TreeEnsemble ensemble, in TreeNode leaf, LeafWeight weight, ReadOnlySpan<TRow> row)
        where TRow : unmanaged
    {
        if (!leaf.IsLinear)
        {
            return weight.Weight;
        }

        var terms = ensemble.LinearOf(leaf, out var value);
        foreach (var term in terms)
        {
            var x = Feature(ensemble, row, term.Feature);
            if (double.IsNaN(x))
            {
                return weight.Weight;
            }

            value += term.Weight * x;
        }

        return Round(ensemble, value);
    }

    private static double Feature<TRow>(TreeEnsemble ensemble, ReadOnlySpan<TRow> row, int feature)
        where TRow : unmanaged
    {
        var x = Real.ToDouble(row[feature]);
        return ensemble.Input == ElementType.Float32 ? (float)x : x;
    }

    private static double Round(TreeEnsemble ensemble, double value) => ensemble.Sum == ElementType.Float32 ? (float)value : value;
}
