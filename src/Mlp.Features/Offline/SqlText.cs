using System.Globalization;

namespace Mlp.Features;

/// <summary>Texts in statements: names and literals, quoted.</summary>
internal static class SqlText
{
    public static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    public static string Literal(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(Name));

    /// <summary>A column's type in SQL.</summary>
    public static string Type(ColumnType type)
    {
        var element = type.Kind switch
        {
            ColumnKind.Bool => "BOOLEAN",
            ColumnKind.Int8 => "TINYINT",
            ColumnKind.Int16 => "SMALLINT",
            ColumnKind.Int32 => "INTEGER",
            ColumnKind.Int64 => "BIGINT",
            ColumnKind.UInt8 => "UTINYINT",
            ColumnKind.UInt16 => "USMALLINT",
            ColumnKind.UInt32 => "UINTEGER",
            ColumnKind.UInt64 => "UBIGINT",

            // SQL has no half; a float holds every one.
            ColumnKind.Half or ColumnKind.Float => "FLOAT",
            ColumnKind.Double => "DOUBLE",
            ColumnKind.Timestamp => "TIMESTAMP",
            ColumnKind.Guid => "UUID",
            _ => "VARCHAR",
        };
        return type.IsList ? $"{element}[]" : type.VectorLength > 0 ? $"{element}[{Literal(type.VectorLength)}]" : element;
    }

    /// <summary>Whether a number of microseconds is missing, as of an infinite time, or none that a <see cref="DateTime"/> can be.</summary>
    public static string NoTime(string micros) => $"({micros} IS NULL OR {micros} NOT BETWEEN {Literal(FeatureTime.MicrosMin)} AND {Literal(FeatureTime.MicrosMax)})";

    /// <summary>Division by a positive constant that rounds down, as <see cref="FeatureTime.Tile"/> does.</summary>
    public static string Tile(string micros, long tileMicros)
    {
        var tile = Literal(tileMicros);
        return $"(({micros} - (({micros} % {tile}) + {tile}) % {tile}) // {tile})";
    }
}
