using Mlp.Core;
using Mlp.Kernels;

namespace Mlp.Edge;

/// <summary>Raw scores of an ensemble: the packed walk where there is one, else the plain walk over the neutral form.</summary>
internal sealed class EnsembleScorer
{
    private readonly TreeEnsemble _ensemble;
    private readonly TreePlan? _plan;

    public EnsembleScorer(TreeEnsemble ensemble)
    {
        _ensemble = ensemble;
        _plan = EnsemblePacking.TryPack(ensemble) is { } packed ? TreePlan.Make(packed) : null;
    }

    /// <summary>Aggregated leaves and base values, before any transform.</summary>
    /// <param name="rows">Row-major features.</param>
    /// <param name="scores">Row-major, one a target; overwritten.</param>
    public void Score(ReadOnlySpan<float> rows, Span<float> scores)
    {
        if (_plan is null)
        {
            EnsembleWalk.Score(_ensemble, rows, scores);
            return;
        }

        scores.Clear();
        _plan.Sum(rows, scores);
        var divisor = _ensemble.Aggregate == EnsembleAggregate.Average ? _ensemble.Roots.Length : 1;
        var baseValue = _ensemble.BaseValues[0];
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = (scores[i] / divisor) + baseValue;
        }
    }
}
