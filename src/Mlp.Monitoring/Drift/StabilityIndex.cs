namespace Mlp.Monitoring;

/// <summary>The population stability index: Σ (current − reference) · ln(current / reference) over shares of bins.</summary>
/// <remarks>
/// Bins are those of the reference and one for missing values. A bin that is empty on one side would make the index infinite, so
/// half a row is added to each (Jeffreys' prior): share = (rows in the bin + ½) / (rows + ½ · bins). A bin that is empty on both
/// sides says nothing and is left out.
/// </remarks>
internal static class StabilityIndex
{
    private const double Prior = 0.5;

    public static double Of(ColumnProfile reference, ColumnProfile current, int bins)
    {
        var edges = reference.Bins(bins);
        var rowsReference = RowsOfBins(reference, edges);
        var rowsCurrent = RowsOfBins(current, edges);
        var used = 0;
        for (var bin = 0; bin < rowsReference.Length; bin++)
        {
            used += rowsReference[bin] + rowsCurrent[bin] > 0 ? 1 : 0;
        }

        double index = 0;
        for (var bin = 0; bin < rowsReference.Length; bin++)
        {
            if (rowsReference[bin] + rowsCurrent[bin] > 0)
            {
                var before = (rowsReference[bin] + Prior) / (reference.Rows + (Prior * used));
                var now = (rowsCurrent[bin] + Prior) / (current.Rows + (Prior * used));
                index += (now - before) * Math.Log(now / before);
            }
        }

        return index;
    }

    /// <summary>Rows in each bin as far as the sketch knows, and last the missing ones.</summary>
    private static double[] RowsOfBins(ColumnProfile column, QuantileBins bins)
    {
        var rows = new double[bins.Count + 1];
        rows[^1] = column.Missing;
        if (column.Values > 0)
        {
            var shares = bins.SharesOf(column.Distribution);
            for (var bin = 0; bin < shares.Length; bin++)
            {
                rows[bin] = shares[bin] * column.Values;
            }
        }

        return rows;
    }
}
