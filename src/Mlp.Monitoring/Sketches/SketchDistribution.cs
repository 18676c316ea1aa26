namespace Mlp.Monitoring;

/// <summary>The distribution that a sketch stands for: values in ascending order, each with the share of all values up to it. Immutable.</summary>
public sealed class SketchDistribution
{
    private readonly float[] _values;
    private readonly double[] _shares;
    private readonly float _min;
    private readonly float _max;

    internal SketchDistribution(QuantileSketch sketch)
    {
        var values = new float[sketch.Held];
        var weights = new long[sketch.Held];
        var held = 0;
        for (var level = 0; level < sketch.Levels.Count; level++)
        {
            foreach (var value in sketch.Levels[level])
            {
                values[held] = value;
                weights[held++] = 1L << level;
            }
        }

        Array.Sort(values, weights);
        _values = new float[held];
        _shares = new double[held];
        var distinct = 0;
        long below = 0;
        for (var i = 0; i < held; i++)
        {
            below += weights[i];
            if (i + 1 == held || values[i + 1] != values[i])
            {
                _values[distinct] = values[i];
                _shares[distinct++] = (double)below / sketch.Count;
            }
        }

        Array.Resize(ref _values, distinct);
        Array.Resize(ref _shares, distinct);
        Count = sketch.Count;
        _min = sketch.Min;
        _max = sketch.Max;
    }

    /// <summary>Values that were seen.</summary>
    public long Count { get; }

    /// <summary>The different values held, ascending.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>For each of <see cref="Values"/>, the share of what was seen that is at most so large: ascending, the last is 1.</summary>
    public ReadOnlySpan<double> Shares => _shares;

    /// <summary>The share of what was seen that is at most <paramref name="value"/>: 0 to 1; NaN when nothing was seen.</summary>
    public double ShareAtMost(float value)
    {
        if (Count == 0)
        {
            return double.NaN;
        }

        if (value >= _max)
        {
            return 1;
        }

        var at = Array.BinarySearch(_values, value);
        at = at >= 0 ? at : ~at - 1;
        return at < 0 ? 0 : _shares[at];
    }

    /// <summary>The value that a share of what was seen is at most so large as; exact for 0 and 1. NaN when nothing was seen.</summary>
    /// <param name="share">0 to 1; 0.5 for the median.</param>
    public float Quantile(double share)
    {
        if (!(share is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, "A share is 0 to 1.");
        }

        if (Count == 0)
        {
            return float.NaN;
        }

        if (share == 0)
        {
            return _min;
        }

        if (share == 1)
        {
            return _max;
        }

        var at = Array.BinarySearch(_shares, share);
        return _values[at >= 0 ? at : ~at];
    }
}
