using System.Buffers;
using Mlp.Core;

namespace Mlp.Edge;

/// <summary>Answers of XGBoost's linear booster. The caller gives the memory; nothing is allocated on the way. Immutable, and safe for several threads at once.</summary>
public sealed class LinearPredictor
{
    /// <summary>Prepares a linear booster.</summary>
    public LinearPredictor(LinearBooster booster)
    {
        ArgumentNullException.ThrowIfNull(booster);
        Booster = booster;
    }

    /// <summary>The weights.</summary>
    public LinearBooster Booster { get; }

    /// <summary>Elements of a row.</summary>
    public int FeatureCount => Booster.FeatureCount;

    /// <summary>Margins of a row.</summary>
    public int TargetCount => Booster.TargetCount;

    /// <summary>Numbers that <see cref="Predict"/> gives for a row: one a target, or 1 where the transform picks the largest.</summary>
    public int OutputCount => Booster.OutputCount;

    /// <summary>XGBoost's predictions: margins, transformed.</summary>
    /// <param name="rows">Rows of <see cref="FeatureCount"/>.</param>
    /// <param name="predictions">Rows of <see cref="OutputCount"/>; overwritten.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the lengths do not fit together.</exception>
    public void Predict(ReadOnlySpan<float> rows, Span<float> predictions)
    {
        if (OutputCount == TargetCount)
        {
            Margin(rows, predictions);
            ScoreTransform.Apply(Booster.PostTransform, predictions, TargetCount);
            return;
        }

        if (rows.Length % FeatureCount != 0 || predictions.Length != rows.Length / FeatureCount)
        {
            throw new MlpException(ErrorCodes.TensorMismatch, $"{rows.Length} features and {predictions.Length} predictions; expected rows of {FeatureCount} and one prediction each.");
        }

        var rented = ArrayPool<float>.Shared.Rent(TargetCount);
        var margins = rented.AsSpan(0, TargetCount);
        for (var r = 0; r < predictions.Length; r++)
        {
            Margin(rows.Slice(r * FeatureCount, FeatureCount), margins);
            predictions[r] = ScoreTransform.IndexOfLargest<float>(margins);
        }

        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>Margins, before any transform.</summary>
    /// <param name="rows">Rows of <see cref="FeatureCount"/>.</param>
    /// <param name="margins">Rows of <see cref="TargetCount"/>; overwritten.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the lengths do not fit together.</exception>
    public void Margin(ReadOnlySpan<float> rows, Span<float> margins) => Booster.Margin(rows, margins);
}
