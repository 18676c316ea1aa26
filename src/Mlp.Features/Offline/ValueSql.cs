using System.Globalization;

namespace Mlp.Features;

/// <summary>A value in SQL, as a column's files would have it: rounded to its width, every NaN the same, no zero with a sign.</summary>
internal static class ValueSql
{
    /// <summary>A value that fits the column.</summary>
    public static string Of(Column column, in FeatureValue value)
    {
        var kind = column.Type.Kind;
        if (value.Elements is not { } elements)
        {
            return Scalar(kind, value);
        }

        var literals = elements.Cast<object>().Select(e => Scalar(kind, ValueOf(e)));
        return $"CAST([{string.Join(", ", literals)}] AS {ColumnSql.FileType(column)})";
    }

    private static string Scalar(ColumnKind kind, in FeatureValue value) => kind switch
    {
        ColumnKind.Bool => value.Integer != 0 ? "TRUE" : "FALSE",
        ColumnKind.UInt64 => $"CAST({((ulong)value.Integer).ToString(CultureInfo.InvariantCulture)} AS UBIGINT)",
        >= ColumnKind.Int8 and <= ColumnKind.UInt32 => $"CAST({SqlText.Literal(value.Integer)} AS {SqlText.Type(ColumnType.Of(kind))})",
        ColumnKind.Half or ColumnKind.Float or ColumnKind.Double => $"CAST({SqlText.Literal(Number(RowElements.Rounded(value, kind)))} AS {SqlText.Type(ColumnType.Of(kind))})",
        ColumnKind.Timestamp => $"make_timestamp({SqlText.Literal(value.Integer)})",
        ColumnKind.Guid => $"CAST('{value.Guid}' AS UUID)",
        _ => SqlText.Literal(value.Text!),
    };

    private static string Number(double number) =>
        double.IsNaN(number) ? "nan"
        : double.IsInfinity(number) ? number > 0 ? "inf" : "-inf"
        : OneForm.Of(number).ToString("R", CultureInfo.InvariantCulture);

    private static FeatureValue ValueOf(object element) => element switch
    {
        bool value => value,
        ulong value => value,
        Half or float or double => Convert.ToDouble(element is Half half ? (double)half : element, CultureInfo.InvariantCulture),
        string value => value,
        DateTime value => value,
        Guid value => value,
        _ => Convert.ToInt64(element, CultureInfo.InvariantCulture),
    };
}
