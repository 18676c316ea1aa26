namespace Mlp.Features;

/// <summary>
/// Which of two values of a column is the larger: a number before NaN, and NaN before a missing value; of categories the one declared later; a
/// text by its UTF-8 bytes, a GUID by its text; vectors and lists element by element, and then the longer.
/// </summary>
internal static class ValueOrder
{
    public static FeatureValue Larger(Column column, in FeatureValue left, in FeatureValue right) => Compare(column, left, right) >= 0 ? left : right;

    /// <summary>Above 0 where the left one is the larger.</summary>
    public static int Compare(Column column, in FeatureValue left, in FeatureValue right)
    {
        if (left.IsMissing || right.IsMissing)
        {
            return right.IsMissing.CompareTo(left.IsMissing);
        }

        if (!column.Type.IsScalar)
        {
            return Compare(left.Elements!, right.Elements!);
        }

        return column.Type.Kind switch
        {
            ColumnKind.Half or ColumnKind.Float or ColumnKind.Double => Compare(left.Number, right.Number),
            ColumnKind.UInt64 => ((ulong)left.Integer).CompareTo((ulong)right.Integer),
            ColumnKind.Text => Compare(left.Text!, right.Text!),
            ColumnKind.Category => column.Categories.IndexOf(left.Text!).CompareTo(column.Categories.IndexOf(right.Text!)),
            ColumnKind.Guid => left.Guid.CompareTo(right.Guid),
            _ => left.Integer.CompareTo(right.Integer),
        };
    }

    private static int Compare(Array left, Array right) => (left, right) switch
    {
        (bool[] a, bool[] b) => a.AsSpan().SequenceCompareTo(b),
        (sbyte[] a, sbyte[] b) => a.AsSpan().SequenceCompareTo(b),
        (short[] a, short[] b) => a.AsSpan().SequenceCompareTo(b),
        (int[] a, int[] b) => a.AsSpan().SequenceCompareTo(b),
        (long[] a, long[] b) => a.AsSpan().SequenceCompareTo(b),
        (byte[] a, byte[] b) => a.AsSpan().SequenceCompareTo(b),
        (ushort[] a, ushort[] b) => a.AsSpan().SequenceCompareTo(b),
        (uint[] a, uint[] b) => a.AsSpan().SequenceCompareTo(b),
        (ulong[] a, ulong[] b) => a.AsSpan().SequenceCompareTo(b),
        (DateTime[] a, DateTime[] b) => a.AsSpan().SequenceCompareTo(b),
        (Guid[] a, Guid[] b) => a.AsSpan().SequenceCompareTo(b),
        (System.Half[] a, System.Half[] b) => Compare(a, b, static (x, y) => Compare((double)x, (double)y)),
        (float[] a, float[] b) => Compare(a, b, static (x, y) => Compare((double)x, (double)y)),
        (double[] a, double[] b) => Compare(a, b, Compare),
        (string[] a, string[] b) => Compare(a, b, Compare),
        _ => throw new ArgumentException($"A list of {left.GetType()} was compared with one of {right.GetType()}.", nameof(right)),
    };

    private static int Compare<T>(T[] left, T[] right, Comparison<T> compare)
    {
        for (var i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            if (compare(left[i], right[i]) is var order && order != 0)
            {
                return order;
            }
        }

        return left.Length.CompareTo(right.Length);
    }

    // NaN is the smallest; 0 is larger than −0, so that one of them counts whatever came first.
    private static int Compare(double left, double right) =>
        left.CompareTo(right) is var order && order != 0 || left != 0 ? order : double.IsNegative(right).CompareTo(double.IsNegative(left));

    // As their UTF-8 bytes are: code point by code point, which UTF-16 is not where there are surrogates.
    private static int Compare(string left, string right)
    {
        for (var i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            var (a, b) = (left[i], right[i]);
            if (a != b)
            {
                return char.IsSurrogate(a) == char.IsSurrogate(b) ? a.CompareTo(b) : char.IsSurrogate(a) ? 1 : -1;
            }
        }

        return left.Length.CompareTo(right.Length);
    }
}
