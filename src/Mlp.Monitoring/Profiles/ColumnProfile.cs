namespace Mlp.Monitoring;

/// <summary>What is known of one column: how many values it had, how they were spread. Immutable.</summary>
public sealed class ColumnProfile
{
    private readonly Moments _moments;
    private readonly QuantileSketch _sketch;

    /// <remarks>Owns what it is given.</remarks>
    internal ColumnProfile(string name, Moments moments, QuantileSketch sketch)
    {
        Name = name;
        _moments = moments;
        _sketch = sketch;
        Distribution = sketch.ToDistribution();
    }

    /// <summary>The column's name.</summary>
    public string Name { get; }

    /// <summary>Rows, those without a value included.</summary>
    public long Rows => _moments.Count + _moments.Missing;

    /// <summary>Rows with a value.</summary>
    public long Values => _moments.Count;

    /// <summary>Rows without a value: NaN, and the infinities.</summary>
    public long Missing => _moments.Missing;

    /// <summary>Share of the rows without a value, 0 to 1; NaN when there are no rows.</summary>
    public double MissingShare => (double)_moments.Missing / Rows;

    /// <summary>The values' mean; NaN when there are none.</summary>
    public double Mean => _moments.Mean;

    /// <summary>The values' variance (divided by their count); NaN when there are none.</summary>
    public double Variance => _moments.Variance;

    /// <summary>The square root of <see cref="Variance"/>.</summary>
    public double StandardDeviation => _moments.StandardDeviation;

    /// <summary>The smallest value; NaN when there are none.</summary>
    public float Min => _moments.Min;

    /// <summary>The largest value; NaN when there are none.</summary>
    public float Max => _moments.Max;

    /// <summary>How the values are spread.</summary>
    public SketchDistribution Distribution { get; }

    internal Moments Moments => _moments;

    internal QuantileSketch Sketch => _sketch;

    /// <summary>Bins of about equal share, to compare other data with.</summary>
    /// <param name="bins">Bins to aim at; 10 for deciles.</param>
    public QuantileBins Bins(int bins = 10) => QuantileBins.Of(Distribution, bins);

    internal ColumnProfile Merge(ColumnProfile other)
    {
        var moments = _moments.Clone();
        var sketch = _sketch.Clone();
        moments.Merge(other._moments);
        sketch.Merge(other._sketch);
        return new ColumnProfile(Name, moments, sketch);
    }
}
