namespace Mlp.Monitoring;

/// <summary>Count, mean, variance and extremes of a stream of values in one pass, and how many were missing. Not safe for several threads at once.</summary>
/// <remarks>Welford's update (1962) and, for merging, the pairwise one of Chan, Golub and LeVeque (1983): neither loses digits where the mean is large beside the spread.</remarks>
public sealed class Moments
{
    private double _mean;

    /// <summary>Values seen, the missing ones not included.</summary>
    public long Count { get; internal set; }

    /// <summary>Missing values seen: NaN, and the infinities, which no mean survives.</summary>
    public long Missing { get; internal set; }

    /// <summary>The mean; NaN when there is no value.</summary>
    public double Mean
    {
        get => Count == 0 ? double.NaN : _mean;
        internal set => _mean = value;
    }

    /// <summary>The variance of the values themselves (divided by their count); NaN when there is no value.</summary>
    public double Variance => Count == 0 ? double.NaN : SquaresSum / Count;

    /// <summary>The square root of <see cref="Variance"/>.</summary>
    public double StandardDeviation => Math.Sqrt(Variance);

    /// <summary>The smallest value; NaN when there is none.</summary>
    public float Min { get; internal set; } = float.NaN;

    /// <summary>The largest value; NaN when there is none.</summary>
    public float Max { get; internal set; } = float.NaN;

    /// <summary>The sum of squared distances from the mean.</summary>
    internal double SquaresSum { get; set; }

    /// <summary>Adds a value.</summary>
    /// <param name="value">NaN and the infinities count as missing.</param>
    /// <returns>Whether it was a value and not missing.</returns>
    public bool Add(float value)
    {
        if (!float.IsFinite(value))
        {
            Missing++;
            return false;
        }

        Count++;
        var distance = value - _mean;
        _mean += distance / Count;
        SquaresSum += distance * (value - _mean);
        Min = float.MinNumber(Min, value);
        Max = float.MaxNumber(Max, value);
        return true;
    }

    /// <summary>Adds all that another has seen. The other one is not changed.</summary>
    public void Merge(Moments other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Missing += other.Missing;
        if (other.Count == 0)
        {
            return;
        }

        var count = Count + other.Count;
        var distance = other._mean - _mean;
        SquaresSum += other.SquaresSum + (distance * distance * ((double)Count / count) * other.Count);
        _mean += distance * ((double)other.Count / count);
        Count = count;
        Min = float.MinNumber(Min, other.Min);
        Max = float.MaxNumber(Max, other.Max);
    }

    /// <summary>An independent copy.</summary>
    public Moments Clone() => (Moments)MemberwiseClone();
}
