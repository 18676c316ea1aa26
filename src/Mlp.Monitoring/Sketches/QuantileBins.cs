namespace Mlp.Monitoring;

/// <summary>Bins that divide a reference distribution into about equal shares, to compare others with. Immutable.</summary>
/// <remarks>
/// Bin i holds what is greater than edge i − 1 and at most edge i; the first and last bin are open. A value that fills more than
/// one whole bin (zeros, a flag, a constant) gets a bin of its own, so that neither what is below it nor what is above it hides in it.
/// </remarks>
public sealed class QuantileBins
{
    private readonly float[] _edges;

    private QuantileBins(float[] edges) => _edges = edges;

    /// <summary>The edges between bins, ascending; one fewer than bins.</summary>
    public ReadOnlySpan<float> Edges => _edges;

    /// <summary>The number of bins: at least 1.</summary>
    public int Count => _edges.Length + 1;

    /// <summary>Divides a distribution. Of no values, there is one bin.</summary>
    /// <param name="reference">What to divide.</param>
    /// <param name="bins">Bins to aim at, 2 to 1,000; values that occur often make fewer or a few more.</param>
    public static QuantileBins Of(SketchDistribution reference, int bins = 10)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bins, 1_000);
        if (reference.Count == 0)
        {
            return new QuantileBins([]);
        }

        var edges = new SortedSet<float>();
        var previous = float.NaN;
        for (var bin = 1; bin < bins; bin++)
        {
            var edge = reference.Quantile((double)bin / bins);
            if (!edges.Add(edge) && edge == previous)
            {
                edges.Add(MathF.BitDecrement(edge));
            }

            previous = edge;
        }

        return new QuantileBins([.. edges]);
    }

    /// <summary>The share of a distribution that falls into each bin; all NaN for one of no values.</summary>
    public double[] SharesOf(SketchDistribution distribution)
    {
        ArgumentNullException.ThrowIfNull(distribution);
        var shares = new double[Count];
        double below = 0;
        for (var bin = 0; bin < shares.Length; bin++)
        {
            var upTo = bin < _edges.Length ? distribution.ShareAtMost(_edges[bin]) : distribution.Count == 0 ? double.NaN : 1;
            shares[bin] = upTo - below;
            below = upTo;
        }

        return shares;
    }
}
