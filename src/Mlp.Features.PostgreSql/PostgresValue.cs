using System.Globalization;
using Mlp.Core;

namespace Mlp.Features.PostgreSql;

/// <summary>A value as Npgsql gives it, as one of a column. What does not fit is refused when it is staged.</summary>
internal static class PostgresValue
{
    public static FeatureValue Of(Column column, object value)
    {
        try
        {
            return column.Type.IsScalar ? Scalar(column, value)
                : value is Array { Rank: 1 } elements ? FeatureValue.Of(Elements(column, elements))
                : throw Wrong(column, value, null);
        }
        catch (Exception e) when (e is OverflowException or InvalidCastException or FormatException)
        {
            throw Wrong(column, value, e);
        }
    }

    private static FeatureValue Scalar(Column column, object value) => (column.Type.Kind, value) switch
    {
        (ColumnKind.Bool, bool flag) => flag,
        (ColumnKind.Text or ColumnKind.Category, string text) => text,
        (ColumnKind.Timestamp, _) => Moment(column, value),
        (ColumnKind.Guid, Guid guid) => guid,
        (ColumnKind.UInt64, IConvertible) when value is not string => Convert.ToUInt64(value, CultureInfo.InvariantCulture),
        (ColumnKind.Half or ColumnKind.Float or ColumnKind.Double, short or int or long) => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        (ColumnKind.Half or ColumnKind.Float or ColumnKind.Double, float or double or decimal) => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        (>= ColumnKind.Int8 and <= ColumnKind.UInt32, short or int or long) => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        (>= ColumnKind.Int8 and <= ColumnKind.UInt32, decimal number) when decimal.IsInteger(number) => decimal.ToInt64(number),
        _ => throw Wrong(column, value, null),
    };

    private static Array Elements(Column column, Array elements) => column.Type.Kind switch
    {
        ColumnKind.Bool => Converted(elements, static e => (bool)e),
        ColumnKind.Int8 => Converted(elements, static e => Convert.ToSByte(e, CultureInfo.InvariantCulture)),
        ColumnKind.Int16 => Converted(elements, static e => Convert.ToInt16(e, CultureInfo.InvariantCulture)),
        ColumnKind.Int32 => Converted(elements, static e => Convert.ToInt32(e, CultureInfo.InvariantCulture)),
        ColumnKind.Int64 => Converted(elements, static e => Convert.ToInt64(e, CultureInfo.InvariantCulture)),
        ColumnKind.UInt8 => Converted(elements, static e => Convert.ToByte(e, CultureInfo.InvariantCulture)),
        ColumnKind.UInt16 => Converted(elements, static e => Convert.ToUInt16(e, CultureInfo.InvariantCulture)),
        ColumnKind.UInt32 => Converted(elements, static e => Convert.ToUInt32(e, CultureInfo.InvariantCulture)),
        ColumnKind.UInt64 => Converted(elements, static e => Convert.ToUInt64(e, CultureInfo.InvariantCulture)),
        ColumnKind.Half => Converted(elements, static e => (Half)Convert.ToDouble(e, CultureInfo.InvariantCulture)),
        ColumnKind.Float => Converted(elements, static e => e is float single ? single : (float)Convert.ToDouble(e, CultureInfo.InvariantCulture)),
        ColumnKind.Double => Converted(elements, static e => Convert.ToDouble(e, CultureInfo.InvariantCulture)),
        ColumnKind.Timestamp => Converted(elements, e => Moment(column, e)),
        ColumnKind.Guid => Converted(elements, static e => (Guid)e),
        _ => Converted(elements, static e => (string)e),
    };

    private static T[] Converted<T>(Array elements, Func<object, T> convert)
    {
        var converted = new T[elements.Length];
        for (var i = 0; i < converted.Length; i++)
        {
            converted[i] = convert(elements.GetValue(i) ?? throw new InvalidCastException("an element is missing"));
        }

        return converted;
    }

    // PostgreSQL's infinite times come as the first and the last moment that there are.
    private static DateTime Moment(Column column, object value) => value switch
    {
        DateTime time when time != DateTime.MinValue && time != DateTime.MaxValue => time,
        DateOnly day when day != DateOnly.MinValue && day != DateOnly.MaxValue => day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc),
        _ => throw Wrong(column, value, null),
    };

    private static MlpException Wrong(Column column, object value, Exception? cause) =>
        new(FeatureErrors.EventInvalid, $"The query of PostgreSQL gave {(value is Array ? value.GetType().Name : Convert.ToString(value, CultureInfo.InvariantCulture))} ({value.GetType().Name}) for '{column.Name}'; expected {column.Type}.{(cause is null ? "" : $" {cause.Message}")}", cause);
}
