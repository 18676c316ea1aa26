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
            return Compare(column.Type.Kind, left.Elements!, right.Elements!);
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

    // By the kind, not by the arrays' types: the runtime takes an array of signed integers for one of unsigned ones.
    private static int Compare(ColumnKind kind, Array left, Array right) => kind switch
    {
        ColumnKind.Bool => ((bool[])left).AsSpan().SequenceCompareTo((bool[])right),
        ColumnKind.Int8 => ((sbyte[])left).AsSpan().SequenceCompareTo((sbyte[])right),
        ColumnKind.Int16 => ((short[])left).AsSpan().SequenceCompareTo((short[])right),
        ColumnKind.Int32 => ((int[])left).AsSpan().SequenceCompareTo((int[])right),
        ColumnKind.Int64 => ((long[])left).AsSpan().SequenceCompareTo((long[])right),
        ColumnKind.UInt8 => ((byte[])left).AsSpan().SequenceCompareTo((byte[])right),
        ColumnKind.UInt16 => ((ushort[])left).AsSpan().SequenceCompareTo((ushort[])right),
        ColumnKind.UInt32 => ((uint[])left).AsSpan().SequenceCompareTo((uint[])right),
        ColumnKind.UInt64 => ((ulong[])left).AsSpan().SequenceCompareTo((ulong[])right),
        ColumnKind.Timestamp => ((DateTime[])left).AsSpan().SequenceCompareTo((DateTime[])right),
        ColumnKind.Guid => ((Guid[])left).AsSpan().SequenceCompareTo((Guid[])right),
        ColumnKind.Half => Compare((System.Half[])left, (System.Half[])right, static (x, y) => Compare((double)x, (double)y)),
        ColumnKind.Float => Compare((float[])left, (float[])right, static (x, y) => Compare((double)x, (double)y)),
        ColumnKind.Double => Compare((double[])left, (double[])right, Compare),
        _ => Compare((string[])left, (string[])right, Compare),
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
