using System.Numerics;

namespace Mlp.Features;

/// <summary>The one place where a window's integers become a feature: one rounding to double for each operation, then one to float.</summary>
internal static class FeatureValues
{
    /// <summary>A feature that is made of sums or of a state.</summary>
    /// <param name="reading">Which.</param>
    /// <param name="sums">The window's sums.</param>
    /// <param name="states">Its merged states.</param>
    public static float Of(in Reading reading, ReadOnlySpan<Int128> sums, ReadOnlySpan<long> states) => reading.Kind switch
    {
        AggregateKind.Count => Float(sums[0]),
        AggregateKind.Sum => reading.IsInteger ? Float(sums[reading.Sum]) : (float)(Double(sums[reading.Sum]) * reading.Resolution),
        AggregateKind.Mean or AggregateKind.Share => sums[reading.Divisor] == 0 ? float.NaN
            : reading.Kind == AggregateKind.Share || reading.IsInteger ? (float)(Double(sums[reading.Sum]) / Double(sums[reading.Divisor]))
            : (float)(Double(sums[reading.Sum]) / Double(sums[reading.Divisor]) * reading.Resolution),
        AggregateKind.Variance => (float)Variance(reading, sums),
        AggregateKind.StandardDeviation => (float)Math.Sqrt(Variance(reading, sums)),
        AggregateKind.Min or AggregateKind.Max => sums[reading.Divisor] == 0 ? float.NaN : Value(reading, states[reading.State]),
        AggregateKind.First or AggregateKind.Last => states[reading.State] is long.MinValue or long.MaxValue ? float.NaN : Value(reading, states[reading.State + 1]),
        _ => throw new ArgumentOutOfRangeException(nameof(reading), reading.Kind, "expected an aggregate of sums or states"),
    };

    /// <summary>The population's variance, (n·Σx² − (Σx)²) / n²: the numerator is exact, however far the values lie from zero.</summary>
    private static double Variance(in Reading reading, ReadOnlySpan<Int128> sums)
    {
        var count = sums[reading.Divisor];
        if (count == 0)
        {
            return double.NaN;
        }

        var n = Double(count);
        return Scatter(count, sums[reading.Sum], sums[reading.Second]) / (n * n) * (reading.Resolution * reading.Resolution);
    }

    // Of what fits into 128 bits, the common case, with those; else with as many as it takes.
    private static double Scatter(Int128 count, Int128 sum, Int128 squares)
    {
        const long small = 1L << 31;
        if (count < small && squares < ((Int128)1 << 95) && Int128.Abs(sum) < ((Int128)1 << 63))
        {
            return (double)(UInt128)((count * squares) - (sum * sum));
        }

        return (double)(((BigInteger)count * squares) - ((BigInteger)sum * sum));
    }

    private static float Value(in Reading reading, long state) =>
        reading.IsInteger ? state : (float)BitConverter.Int64BitsToDouble(ColumnWord.Ordered(state));

    // Straight from 64 bits, where they hold it: an integer does not become a double in between.
    private static float Float(Int128 sum) => sum >= long.MinValue && sum <= long.MaxValue ? (float)(long)sum : (float)(double)sum;

    private static double Double(Int128 sum) => sum >= long.MinValue && sum <= long.MaxValue ? (double)(long)sum : (double)sum;
}
