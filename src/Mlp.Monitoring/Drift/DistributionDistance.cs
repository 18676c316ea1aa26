namespace Mlp.Monitoring;

/// <summary>Distances of two distributions, as exact as their sketches.</summary>
public static class DistributionDistance
{
    /// <summary>Kolmogorov-Smirnov: the largest difference of the cumulative shares, 0 to 1. Of no values: 0 from each other, 1 from any.</summary>
    public static double KolmogorovSmirnov(SketchDistribution first, SketchDistribution second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Count == 0 || second.Count == 0)
        {
            return first.Count == second.Count ? 0 : 1;
        }

        double largest = 0;
        for (var steps = new Steps(first, second); steps.Next();)
        {
            largest = Math.Max(largest, Math.Abs(steps.ShareFirst - steps.ShareSecond));
        }

        return largest;
    }

    /// <summary>Wasserstein (earth mover's): the area between the cumulative shares, in the values' unit. Of no values: 0 from each other, infinite from any.</summary>
    public static double Wasserstein(SketchDistribution first, SketchDistribution second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Count == 0 || second.Count == 0)
        {
            return first.Count == second.Count ? 0 : double.PositiveInfinity;
        }

        double area = 0, previous = 0, height = 0;
        for (var steps = new Steps(first, second); steps.Next();)
        {
            // Before the first value both shares are 0, so the first width counts nothing.
            area += height * (steps.Value - previous);
            previous = steps.Value;
            height = Math.Abs(steps.ShareFirst - steps.ShareSecond);
        }

        return area;
    }

    /// <summary>Walks the values of both in ascending order with the shares of each up to there.</summary>
    private ref struct Steps(SketchDistribution first, SketchDistribution second)
    {
        private readonly ReadOnlySpan<float> _first = first.Values;
        private readonly ReadOnlySpan<float> _second = second.Values;
        private readonly ReadOnlySpan<double> _sharesFirst = first.Shares;
        private readonly ReadOnlySpan<double> _sharesSecond = second.Shares;
        private int _atFirst;
        private int _atSecond;

        public double Value { get; private set; }

        public double ShareFirst { get; private set; }

        public double ShareSecond { get; private set; }

        public bool Next()
        {
            if (_atFirst == _first.Length && _atSecond == _second.Length)
            {
                return false;
            }

            var inFirst = _atFirst < _first.Length ? _first[_atFirst] : float.PositiveInfinity;
            var inSecond = _atSecond < _second.Length ? _second[_atSecond] : float.PositiveInfinity;
            if (inFirst <= inSecond)
            {
                ShareFirst = _sharesFirst[_atFirst++];
            }

            if (inSecond <= inFirst)
            {
                ShareSecond = _sharesSecond[_atSecond++];
            }

            Value = Math.Min(inFirst, inSecond);
            return true;
        }
    }
}
