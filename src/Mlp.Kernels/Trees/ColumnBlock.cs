namespace Mlp.Kernels;

/// <summary>Rows turned into columns: what the mask walks compare whole vectors of rows with.</summary>
internal static class ColumnBlock
{
    /// <summary>Copies rows into columns of one length; rows that are missing to it are 0, and whatever comes of them is not used.</summary>
    /// <param name="sources">The feature of each column; the highest bit says that NaN is −∞.</param>
    /// <param name="rows">Row-major features.</param>
    /// <param name="featureCount">Elements of a row.</param>
    /// <param name="columns">One column after the other.</param>
    /// <param name="length">Rows of a column.</param>
    public static void Fill(ReadOnlySpan<int> sources, ReadOnlySpan<float> rows, int featureCount, Span<float> columns, int length)
    {
        var count = rows.Length / featureCount;
        for (var c = 0; c < sources.Length; c++)
        {
            var column = columns.Slice(c * length, length);
            var feature = sources[c] & ~PackedNode.MissingGoesTrue;
            for (int r = 0, at = feature; r < count; r++, at += featureCount)
            {
                column[r] = rows[at];
            }

            column[count..].Clear();
            if (sources[c] < 0)
            {
                MissingToLowest(column);
            }
        }
    }

    /// <summary>Makes NaN −∞, which is at most any threshold.</summary>
    public static void MissingToLowest(Span<float> values)
    {
        foreach (ref var value in values)
        {
            value = float.IsNaN(value) ? float.NegativeInfinity : value;
        }
    }
}
