using System.Buffers;
using System.Runtime.InteropServices;
using Mlp.Core;
using Mlp.Kernels;

namespace Mlp.Edge;

/// <summary>
/// Raw scores and leaves of an ensemble: by the kernels where they have its form, else by the plain walk. Whichever it is, a row's bits are the
/// same, and the same in every batch. Shared by all threads.
/// </summary>
internal sealed class EnsembleScorer
{
    // Leaves of the rows that are under way: they stay in the first-level cache.
    private const int LeavesMax = 4096;

    private const string LeafWay = "leaves, then sums";

    private readonly TreeEnsemble _ensemble;
    private readonly PackedEnsemble? _packed;
    private readonly TreePlan? _plan;

    public EnsembleScorer(TreeEnsemble ensemble, TreePlanOptions? options = null)
    {
        _ensemble = ensemble;
        _packed = EnsemblePacking.TryPack(ensemble);
        _plan = _packed is null ? null : TreePlan.Make(_packed.Trees, _packed.SumsDirectly ? options : new TreePlanOptions { TrialMsMax = 0 });
        Layout = _packed is null or { SumsDirectly: true } ? _plan?.Layout : _plan!.Layout with { Ways = [new TreeWay(LeafWay, 1, _packed.Bytes, 0)] };
    }

    /// <summary>How the trees are walked; null for the plain walk.</summary>
    public TreeLayout? Layout { get; }

    /// <summary>Aggregated leaves and base values, before any transform.</summary>
    /// <param name="rows">Row-major features.</param>
    /// <param name="scores">Row-major, one a target; overwritten.</param>
    public void Score(ReadOnlySpan<float> rows, Span<float> scores)
    {
        if (_packed is { SumsDirectly: true })
        {
            Sum(rows, scores);
        }
        else
        {
            Score<float, float>(rows, scores);
        }
    }

    /// <summary>Aggregated leaves and base values, before any transform.</summary>
    /// <param name="rows">Row-major features.</param>
    /// <param name="scores">Row-major, one a target; overwritten.</param>
    public void Score<TRow, TScore>(ReadOnlySpan<TRow> rows, Span<TScore> scores)
        where TRow : unmanaged
        where TScore : unmanaged
    {
        if (typeof(TRow) == typeof(float) && typeof(TScore) == typeof(float) && _packed is { SumsDirectly: true })
        {
            Sum(MemoryMarshal.Cast<TRow, float>(rows), MemoryMarshal.Cast<TScore, float>(scores));
            return;
        }

        if (!TakesFloats<TRow>())
        {
            EnsembleWalk.Score(_ensemble, rows, scores);
            return;
        }

        var (trees, targets) = (_ensemble.Roots.Length, _ensemble.TargetCount);
        var together = Math.Max(1, LeavesMax / trees);
        var leaves = ArrayPool<int>.Shared.Rent(together * trees);
        var totals = ArrayPool<double>.Shared.Rent(targets);
        for (var done = 0; done < scores.Length / targets; done += together)
        {
            var count = Math.Min(together, (scores.Length / targets) - done);
            var block = rows.Slice(done * _ensemble.FeatureCount, count * _ensemble.FeatureCount);
            NodesOf(block, leaves.AsSpan(0, count * trees));
            for (var r = 0; r < count; r++)
            {
                EnsembleWalk.Aggregate(_ensemble, leaves.AsSpan(r * trees, trees), block.Slice(r * _ensemble.FeatureCount, _ensemble.FeatureCount), totals.AsSpan(0, targets));
                for (var target = 0; target < targets; target++)
                {
                    scores[((done + r) * targets) + target] = Real.Of<TScore>(totals[target]);
                }
            }
        }

        ArrayPool<double>.Shared.Return(totals);
        ArrayPool<int>.Shared.Return(leaves);
    }

    /// <summary>The leaf that each row reaches in each tree, as the node's index within its tree.</summary>
    /// <param name="rows">Row-major features.</param>
    /// <param name="leaves">Row-major, one a tree; overwritten.</param>
    public void Leaves<TRow>(ReadOnlySpan<TRow> rows, Span<int> leaves)
        where TRow : unmanaged
    {
        if (!TakesFloats<TRow>())
        {
            EnsembleWalk.Leaves(_ensemble, rows, leaves);
            return;
        }

        NodesOf(rows, leaves);
        var roots = _ensemble.Roots;
        for (var i = 0; i < leaves.Length; i++)
        {
            leaves[i] -= roots[i % roots.Length];
        }
    }

    // A row of doubles whose questions are about floats is one of floats; the other way round it is not.
    private bool TakesFloats<TRow>() => _plan is not null && (typeof(TRow) == typeof(float) || _ensemble.Input == ElementType.Float32);

    // The ensemble's nodes of the leaves that rows reach.
    private void NodesOf<TRow>(ReadOnlySpan<TRow> rows, Span<int> leaves)
        where TRow : unmanaged
    {
        if (typeof(TRow) == typeof(float))
        {
            _plan!.Leaves(MemoryMarshal.Cast<TRow, float>(rows), leaves);
        }
        else
        {
            var floats = ArrayPool<float>.Shared.Rent(rows.Length);
            for (var i = 0; i < rows.Length; i++)
            {
                floats[i] = (float)Real.ToDouble(rows[i]);
            }

            _plan!.Leaves(floats.AsSpan(0, rows.Length), leaves);
            ArrayPool<float>.Shared.Return(floats);
        }

        var nodes = _packed!.Nodes;
        foreach (ref var leaf in leaves)
        {
            leaf = nodes[leaf];
        }
    }

    private void Sum(ReadOnlySpan<float> rows, Span<float> scores)
    {
        if (_ensemble.Output.SumFromBase)
        {
            FillBase(scores);
            _plan!.Sum(rows, scores);
            return;
        }

        scores.Clear();
        _plan!.Sum(rows, scores);
        var (targets, divisor) = (_ensemble.TargetCount, (float)_ensemble.Divisor);
        for (var i = 0; i < scores.Length; i++)
        {
            var total = _ensemble.Aggregate == EnsembleAggregate.Average ? scores[i] / divisor : scores[i];
            scores[i] = total + (float)_ensemble.BaseValues[targets == 1 ? 0 : i % targets];
        }
    }

    private void FillBase(Span<float> scores)
    {
        var bases = _ensemble.BaseValues;
        if (bases.Length == 1)
        {
            scores.Fill((float)bases[0]);
            return;
        }

        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = (float)bases[i % bases.Length];
        }
    }
}
