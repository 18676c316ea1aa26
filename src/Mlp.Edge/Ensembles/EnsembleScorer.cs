using Mlp.Core;
using Mlp.Kernels;

namespace Mlp.Edge;

/// <summary>Raw scores of an ensemble: the packed walk where there is one, else the plain walk over the neutral form.</summary>
internal sealed class EnsembleScorer(TreeEnsemble ensemble)
{
    private readonly PackedTrees? _packed = EnsemblePacking.TryPack(ensemble);

    /// <summary>Aggregated leaves and base values, before any transform.</summary>
    /// <param name="rows">Row-major features.</param>
    /// <param name="scores">Row-major, one a target; overwritten.</param>
    public void Score(ReadOnlySpan<float> rows, Span<float> scores)
    {
        if (_packed is null)
        {
            EnsembleWalk.Score(ensemble, rows, scores);
            return;
        }

        TreeWalks.Best.Sum(_packed, rows, scores);
        var divisor = ensemble.Aggregate == EnsembleAggregate.Average ? ensemble.Roots.Length : 1;
        var baseValue = ensemble.BaseValues[0];
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = (scores[i] / divisor) + baseValue;
        }
    }
}
