using System.Globalization;

namespace Mlp.Features;

/// <summary>Reads columns and values back from their canonical text.</summary>
internal static class CanonicalText
{
    private const int ColumnsMax = 1 << 14;

    /// <summary>Reads what <see cref="RowSchema.Canonical"/> writes.</summary>
    /// <exception cref="FormatException">It is no such text.</exception>
    public static Column[] Columns(string text)
    {
        var parts = text.Split(", ", ColumnsMax + 1);
        if (parts.Length > ColumnsMax)
        {
            throw new FormatException($"More than {ColumnsMax} columns.");
        }

        try
        {
            return Array.ConvertAll(parts, ColumnOf);
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            throw new FormatException(e.Message, e);
        }
    }

    /// <summary>Reads a value of a column's type from what <see cref="FeatureValue.Canonical"/> writes.</summary>
    /// <exception cref="FormatException">It is none, or out of the type's range.</exception>
    public static FeatureValue Value(string text, ColumnType type)
    {
        try
        {
            if (type.IsScalar)
            {
                return Scalar(text, type.Kind);
            }

            return text is ['[', .., ']']
                ? FeatureValue.Of(ElementArray.Of(type.Kind, text.Length == 2 ? [] : Array.ConvertAll(text[1..^1].Split(','), element => Scalar(Unquoted(element, type.Kind), type.Kind))))
                : throw new FormatException($"'{text}' is no {type}.");
        }
        catch (OverflowException e)
        {
            throw new FormatException($"'{text}' is no {type}: {e.Message}", e);
        }
    }

    private static Column ColumnOf(string text)
    {
        var colon = text.IndexOf(": ", StringComparison.Ordinal);
        if (colon < 0)
        {
            throw new FormatException($"'{text}' is no column; expected such as 'delay: int64?'.");
        }

        var name = text[..colon];
        var rest = text[(colon + 2)..];
        string? given = null;
        if (rest.IndexOf(" = ", StringComparison.Ordinal) is var equals and >= 0)
        {
            given = rest[(equals + 3)..];
            rest = rest[..equals];
        }

        var isNullable = rest.EndsWith('?');
        rest = isNullable ? rest[..^1] : rest;
        var column = rest.EndsWith(')') && rest.IndexOf('(', StringComparison.Ordinal) is var open and >= 0
            ? Category(name, rest[..open], rest[(open + 1)..^1])
            : new Column(name, ColumnType.Parse(rest));
        column = isNullable ? column.Nullable() : column;
        return given is null ? column : column with { Default = Value(given, column.Type) };
    }

    private static Column Category(string name, string type, string categories) => ColumnType.Parse(type) == ColumnType.Of(ColumnKind.Category)
        ? Column.Category(name, Array.ConvertAll(categories.Split(','), Uri.UnescapeDataString))
        : throw new FormatException($"'{name}' has categories and is {type}.");

    private static string Unquoted(string element, ColumnKind kind) =>
        kind != ColumnKind.Text ? Uri.UnescapeDataString(element)
        : element is ['"', .., '"'] && element.Length > 1 ? element[1..^1]
        : throw new FormatException($"'{element}' is no text; expected quotes around it.");

    private static FeatureValue Scalar(string text, ColumnKind kind) => kind switch
    {
        ColumnKind.Bool => text switch
        {
            "1" or "True" => true,
            "0" or "False" => false,
            _ => throw new FormatException($"'{text}' is no bool; expected 1 or 0."),
        },
        ColumnKind.UInt64 => ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture),
        >= ColumnKind.Int8 and <= ColumnKind.UInt32 => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
        ColumnKind.Half or ColumnKind.Float or ColumnKind.Double => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
        ColumnKind.Timestamp => TimeOf(long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)),
        ColumnKind.Guid => Guid.ParseExact(text, "D"),
        _ => Uri.UnescapeDataString(text),
    };

    private static DateTime TimeOf(long micros) => micros >= FeatureTime.MicrosMin && micros <= FeatureTime.MicrosMax
        ? FeatureTime.FromMicros(micros)
        : throw new FormatException($"{micros} µs since 1970 lie outside of the years 1 to 9999.");
}
