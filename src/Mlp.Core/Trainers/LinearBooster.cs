namespace Mlp.Core;

/// <summary>XGBoost's linear booster (<c>gblinear</c>): for each target a weight of each feature, and a bias. Immutable.</summary>
public sealed class LinearBooster
{
    private readonly float[] _weights;
    private readonly float[] _baseValues;

    internal LinearBooster(int featureCount, int targetCount, float[] weights, float[] baseValues, PostTransform transform)
    {
        (FeatureCount, TargetCount, PostTransform) = (featureCount, targetCount, transform);
        (_weights, _baseValues) = (weights, baseValues);
    }

    /// <summary>Elements of a row.</summary>
    public int FeatureCount { get; }

    /// <summary>Margins that a row gives.</summary>
    public int TargetCount { get; }

    /// <summary>What turns margins into answers.</summary>
    public PostTransform PostTransform { get; }

    /// <summary>Numbers that a row gives after the transform: one a target, but for <see cref="PostTransform.ArgMax"/>.</summary>
    public int OutputCount => PostTransform == PostTransform.ArgMax ? 1 : TargetCount;

    /// <summary>Features × targets: the weights of one feature lie together.</summary>
    public ReadOnlySpan<float> Weights => _weights.AsSpan(0, FeatureCount * TargetCount);

    /// <summary>One a target.</summary>
    public ReadOnlySpan<float> Biases => _weights.AsSpan(FeatureCount * TargetCount);

    /// <summary>The margin of <c>base_score</c>, one a target.</summary>
    public ReadOnlySpan<float> BaseValues => _baseValues;

    /// <summary>
    /// Each target's (bias + base) + x₀·w₀ + x₁·w₁ + ..., in floats and in this order, as XGBoost adds it; a feature that is NaN is left out.
    /// </summary>
    /// <param name="rows">Row-major, <see cref="FeatureCount"/> elements a row.</param>
    /// <param name="margins">Row-major, <see cref="TargetCount"/> elements a row; overwritten.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the lengths are none of whole rows, or of different numbers of rows.</exception>
    public void Margin(ReadOnlySpan<float> rows, Span<float> margins)
    {
        var count = rows.Length / FeatureCount;
        if (rows.Length != count * FeatureCount || margins.Length != (long)count * TargetCount)
        {
            throw new MlpException(ErrorCodes.TensorMismatch, $"{rows.Length} features and {margins.Length} margins; expected rows of {FeatureCount} and of {TargetCount}.");
        }

        for (var r = 0; r < count; r++)
        {
            var row = rows.Slice(r * FeatureCount, FeatureCount);
            for (var target = 0; target < TargetCount; target++)
            {
                margins[(r * TargetCount) + target] = Sum(row, target);
            }
        }
    }

    private float Sum(ReadOnlySpan<float> row, int target)
    {
        var sum = Biases[target] + _baseValues[target];
        for (var feature = 0; feature < row.Length; feature++)
        {
            if (!float.IsNaN(row[feature]))
            {
                sum += row[feature] * _weights[(feature * TargetCount) + target];
            }
        }

        return sum;
    }
}
