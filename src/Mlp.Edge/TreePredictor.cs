using System.Buffers;
using Mlp.Core;
using Mlp.Kernels;

namespace Mlp.Edge;

/// <summary>
/// Answers of a tree ensemble: predictions, raw margins, leaves and what each tree contributed. The caller gives the memory; nothing is
/// allocated on the way. Immutable, and safe for several threads at once.
/// </summary>
/// <remarks>
/// Rows are row-major, <see cref="FeatureCount"/> elements each, of float or double; a row of another type than the ensemble's
/// (<see cref="TreeEnsemble.Input"/>) is converted first. Leaves are summed in the ensemble's own type and in the order of its trees, whatever
/// the number of rows: a row's answer never depends on its neighbours. Float rows are answered in float, double rows in double.
/// </remarks>
public sealed class TreePredictor
{
    private const int ScratchElements = 4096;

    // Rows of a thread's turn: enough that taking one costs nothing beside it.
    private const int TurnRows = 2048;

    private readonly EnsembleScorer _scorer;

    /// <summary>Prepares an ensemble, and chooses by a short trial how it is walked.</summary>
    /// <param name="ensemble">The trees.</param>
    /// <param name="options">How long the trial may take, and a walk that is forced; null for the defaults.</param>
    public TreePredictor(TreeEnsemble ensemble, TreePlanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        Ensemble = ensemble;
        _scorer = new EnsembleScorer(ensemble, options);
    }

    /// <summary>The trees.</summary>
    public TreeEnsemble Ensemble { get; }

    /// <summary>How rows of floats are walked, and what a row took in the trial; null where only the plain walk over the ensemble has what its nodes ask.</summary>
    public TreeLayout? Layout => _scorer.Layout;

    /// <summary>Elements of a row.</summary>
    public int FeatureCount => Ensemble.FeatureCount;

    /// <summary>Trees of the ensemble.</summary>
    public int TreeCount => Ensemble.Roots.Length;

    /// <summary>Raw scores of a row.</summary>
    public int TargetCount => Ensemble.TargetCount;

    /// <summary>Numbers that <see cref="Predict(ReadOnlySpan{float}, Span{float})"/> gives for a row: one a target, or 1 where the transform picks the largest.</summary>
    public int OutputCount => Ensemble.OutputCount;

    /// <summary>The trainer's predictions: aggregated leaves and base values, transformed.</summary>
    /// <param name="rows">Rows of <see cref="FeatureCount"/>.</param>
    /// <param name="predictions">Rows of <see cref="OutputCount"/>; overwritten.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the lengths do not fit together.</exception>
    public void Predict(ReadOnlySpan<float> rows, Span<float> predictions)
    {
        CheckLengths(rows.Length, predictions.Length, OutputCount, nameof(predictions));
        if (Ensemble.PostTransform == PostTransform.ArgMax || (Ensemble.Sum == ElementType.Float64 && Ensemble.PostTransform != PostTransform.None))
        {
            PredictByBlocks(rows, predictions);
            return;
        }

        _scorer.Score(rows, predictions);
        ScoreTransform.Apply(Ensemble.PostTransform, predictions, TargetCount, Ensemble.Output.LogisticScale);
    }

    /// <inheritdoc cref="Predict(ReadOnlySpan{float}, Span{float})"/>
    public void Predict(ReadOnlySpan<double> rows, Span<double> predictions)
    {
        CheckLengths(rows.Length, predictions.Length, OutputCount, nameof(predictions));
        if (Ensemble.PostTransform == PostTransform.ArgMax)
        {
            PredictByBlocks(rows, predictions);
            return;
        }

        _scorer.Score(rows, predictions);
        ScoreTransform.Apply(Ensemble.PostTransform, predictions, TargetCount, Ensemble.Output.LogisticScale);
    }

    /// <summary>The same by several threads: the calling one and others of the pool. A row's bits are the same, whoever computes it.</summary>
    /// <param name="rows">Rows of <see cref="FeatureCount"/>.</param>
    /// <param name="predictions">Rows of <see cref="OutputCount"/>; overwritten.</param>
    /// <param name="threads">Most threads at once; rows too few for more than one are left to the calling one.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the lengths do not fit together.</exception>
    public void Predict(ReadOnlyMemory<float> rows, Memory<float> predictions, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        CheckLengths(rows.Length, predictions.Length, OutputCount, nameof(predictions));
        var count = rows.Length / FeatureCount;
        var turns = (count + TurnRows - 1) / TurnRows;
        if (threads == 1 || turns <= 1)
        {
            Predict(rows.Span, predictions.Span);
            return;
        }

        Parallel.For(0, turns, new ParallelOptions { MaxDegreeOfParallelism = threads }, turn =>
        {
            var first = turn * TurnRows;
            var taken = Math.Min(TurnRows, count - first);
            Predict(rows.Span.Slice(first * FeatureCount, taken * FeatureCount), predictions.Span.Slice(first * OutputCount, taken * OutputCount));
        });
    }

    /// <summary>Raw scores: aggregated leaves and base values, before any transform.</summary>
    /// <param name="rows">Rows of <see cref="FeatureCount"/>.</param>
    /// <param name="margins">Rows of <see cref="TargetCount"/>; overwritten.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the lengths do not fit together.</exception>
    public void Margin(ReadOnlySpan<float> rows, Span<float> margins)
    {
        CheckLengths(rows.Length, margins.Length, TargetCount, nameof(margins));
        _scorer.Score(rows, margins);
    }

    /// <inheritdoc cref="Margin(ReadOnlySpan{float}, Span{float})"/>
    public void Margin(ReadOnlySpan<double> rows, Span<double> margins)
    {
        CheckLengths(rows.Length, margins.Length, TargetCount, nameof(margins));
        _scorer.Score(rows, margins);
    }

    /// <summary>The leaf that a row reaches in each tree, as the node's index within <see cref="TreeEnsemble.NodesOf(int)"/>.</summary>
    /// <param name="rows">Rows of <see cref="FeatureCount"/>.</param>
    /// <param name="leaves">Rows of <see cref="TreeCount"/>; overwritten.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the lengths do not fit together.</exception>
    public void Leaves(ReadOnlySpan<float> rows, Span<int> leaves)
    {
        CheckLengths(rows.Length, leaves.Length, TreeCount, nameof(leaves));
        _scorer.Leaves(rows, leaves);
    }

    /// <inheritdoc cref="Leaves(ReadOnlySpan{float}, Span{int})"/>
    public void Leaves(ReadOnlySpan<double> rows, Span<int> leaves)
    {
        CheckLengths(rows.Length, leaves.Length, TreeCount, nameof(leaves));
        _scorer.Leaves(rows, leaves);
    }

    /// <summary>What each tree gave each target, before aggregation; in a sum, with the base values, they add up to the margin.</summary>
    /// <param name="rows">Rows of <see cref="FeatureCount"/>.</param>
    /// <param name="contributions">Rows of <see cref="TreeCount"/> × <see cref="TargetCount"/>, the targets of a tree side by side; overwritten.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the lengths do not fit together.</exception>
    public void Contributions(ReadOnlySpan<float> rows, Span<float> contributions)
    {
        CheckLengths(rows.Length, contributions.Length, (long)TreeCount * TargetCount, nameof(contributions));
        EnsembleWalk.Contributions(Ensemble, rows, contributions);
    }

    /// <inheritdoc cref="Contributions(ReadOnlySpan{float}, Span{float})"/>
    public void Contributions(ReadOnlySpan<double> rows, Span<double> contributions)
    {
        CheckLengths(rows.Length, contributions.Length, (long)TreeCount * TargetCount, nameof(contributions));
        EnsembleWalk.Contributions(Ensemble, rows, contributions);
    }

    // Raw scores in double, a block of rows at a time: a transform loses no digits, and may give fewer numbers than there are scores.
    private void PredictByBlocks<T>(ReadOnlySpan<T> rows, Span<T> predictions)
        where T : unmanaged
    {
        var block = Math.Max(1, ScratchElements / TargetCount);
        var rented = ArrayPool<double>.Shared.Rent(block * TargetCount);
        var left = predictions.Length / OutputCount;
        for (var start = 0; left > 0; start += block, left -= block)
        {
            var count = Math.Min(block, left);
            var scores = rented.AsSpan(0, count * TargetCount);
            _scorer.Score(rows.Slice(start * FeatureCount, count * FeatureCount), scores);
            ScoreTransform.Apply(Ensemble.PostTransform, scores, TargetCount, Ensemble.Output.LogisticScale);
            for (var i = 0; i < count * OutputCount; i++)
            {
                predictions[(start * OutputCount) + i] = Real.Of<T>(
                    Ensemble.PostTransform == PostTransform.ArgMax ? ScoreTransform.IndexOfLargest<double>(scores.Slice(i * TargetCount, TargetCount)) : scores[i]);
            }
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    private void CheckLengths(int elements, int results, long width, string name)
    {
        if (elements % FeatureCount != 0 || results != elements / FeatureCount * width)
        {
            throw new MlpException(
                ErrorCodes.TensorMismatch,
                $"{elements} elements are {(elements % FeatureCount == 0 ? $"{elements / FeatureCount} rows" : "no whole rows")} of {FeatureCount} features; there is room for {results} {name}, expected {width} a row.");
        }
    }
}
