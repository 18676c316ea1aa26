namespace Mlp.Kernels;

/// <summary>
/// A column that is made of a feature before the walk, so that every question stays <c>x &lt;= t</c>: with a threshold of 0, the
/// column −∞ answers yes and +∞ no. A missing value stays NaN, and the node's own flag decides.
/// </summary>
public sealed class DerivedColumn
{
    /// <summary>What LightGBM takes for zero: |x| of at most that.</summary>
    public const float ZeroMax = 1e-35f;

    private readonly Func<float, float> _of;

    private DerivedColumn(int feature, Func<float, float> of)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(feature);
        Feature = feature;
        _of = of;
    }

    /// <summary>The feature of the caller's row that it is made of.</summary>
    public int Feature { get; }

    /// <summary>Yes where the feature equals a value.</summary>
    /// <param name="feature">The feature.</param>
    /// <param name="value">What it is compared with; NaN is equal to nothing.</param>
    public static DerivedColumn Equal(int feature, float value) => new(feature, x => float.IsNaN(x) ? x : Answer(x == value));

    /// <summary>Yes where the feature is a category of a set.</summary>
    /// <param name="feature">The feature.</param>
    /// <param name="words">The set: category c is bit c % 64 of word c / 64. Taken over; it may not change afterwards.</param>
    /// <param name="truncates">Whether 2.7 is category 2; else a fraction is in no set.</param>
    /// <param name="negativesAreOutside">Whether −0.5 is in no set even where it would be truncated to 0.</param>
    public static DerivedColumn Member(int feature, ulong[] words, bool truncates, bool negativesAreOutside = false)
    {
        ArgumentNullException.ThrowIfNull(words);
        return new(feature, x => float.IsNaN(x) ? x : Answer(!(negativesAreOutside && x < 0) && Contains(words, x, truncates)));
    }

    /// <summary>The feature itself, with zero being missing.</summary>
    /// <param name="feature">The feature.</param>
    public static DerivedColumn ZeroIsMissing(int feature) => new(feature, x => MathF.Abs(x) <= ZeroMax ? float.NaN : x);

    /// <summary>The column's value in a row.</summary>
    /// <param name="value">The feature's value there.</param>
    public float Of(float value) => _of(value);

    private static float Answer(bool yes) => yes ? float.NegativeInfinity : float.PositiveInfinity;

    private static bool Contains(ulong[] words, float x, bool truncates)
    {
        var category = truncates ? MathF.Truncate(x) : x;

        // The comparison in double: 64 words more than float can count one by one would round up to a category that is not there.
        if (!(category >= 0) || category >= 64d * words.Length || category != MathF.Truncate(category))
        {
            return false;
        }

        var index = (int)category;
        return ((words[index / 64] >> (index % 64)) & 1) != 0;
    }
}
