namespace Mlp.Features;

/// <summary>A column's values in SQL: as they are given, as they lie in Parquet, as statements use them, and as they are read.</summary>
internal static class ColumnSql
{
    private static readonly string[] IntegerTypes = ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT", "UHUGEINT"];

    /// <summary>A given value as Parquet is to have it: rounded once, as C# does it, and every NaN the same.</summary>
    /// <param name="column">The column.</param>
    /// <param name="expression">The value.</param>
    /// <param name="given">Its type in SQL.</param>
    public static string Given(Column column, string expression, string given)
    {
        var type = column.Type;
        if (type.IsScalar)
        {
            return GivenElement(type.Kind, expression, given);
        }

        // Parquet has no vectors of a fixed length: there it is a list.
        var element = GivenElement(type.Kind, "e", ElementOf(given));
        return element == "e" ? expression : $"list_transform(CAST({expression} AS {ElementOf(given)}[]), lambda e: {element})";
    }

    /// <summary>A condition that is true of what no value of the column can be, once it is as Parquet has it.</summary>
    public static string Wrong(Column column, string expression)
    {
        var type = column.Type;
        var missing = column.IsNullable ? "" : $"{expression} IS NULL OR ";
        if (type.IsScalar)
        {
            return missing + (type.Kind switch
            {
                ColumnKind.Category => $"({expression} IS NOT NULL AND {expression} NOT IN ({Categories(column)}))",
                ColumnKind.Timestamp => $"({expression} IS NOT NULL AND {SqlText.NoTime($"epoch_us({expression})")})",
                _ => "FALSE",
            });
        }

        var element = type.Kind == ColumnKind.Timestamp ? SqlText.NoTime("epoch_us(e)") : "e IS NULL";
        var length = type.VectorLength > 0 ? $"len({expression}) <> {SqlText.Literal(type.VectorLength)} OR " : "";
        return $"{missing}{length}len(list_filter({expression}, lambda e: {element})) > 0";
    }

    /// <summary>What a value should have been, for messages.</summary>
    public static string Expected(Column column) =>
        column.Type.Kind == ColumnKind.Category ? $"one of {string.Join(", ", column.Categories.ToArray())}"
        : column.Type.Kind == ColumnKind.Timestamp ? $"{column.Type}, in the years 1 to 9999"
        : column.Type.ToString();

    /// <summary>A stored value as statements use it: categories compare by their order, vectors have their length.</summary>
    public static string Stored(Column column)
    {
        var name = SqlText.Name(column.Name);
        return column.Type.VectorLength > 0 || column.Type.Kind == ColumnKind.Category ? $"CAST({name} AS {Type(column)}) AS {name}" : name;
    }

    /// <summary>A value as it is read into memory: of a category its number.</summary>
    public static string Read(Column column, string expression) =>
        column.Type.Kind == ColumnKind.Category ? $"CAST(enum_code({expression}) AS INTEGER)" : expression;

    /// <summary>The column's type in files, where a vector is a list and a category its text.</summary>
    public static string FileType(Column column) =>
        column.Type.Kind == ColumnKind.Category ? SqlText.Type(ColumnType.Text)
        : column.Type.VectorLength > 0 ? SqlText.Type(ColumnType.ListOf(column.Type.Kind))
        : SqlText.Type(column.Type);

    /// <summary>The column's type in statements.</summary>
    public static string Type(Column column) => column.Type.Kind == ColumnKind.Category ? $"ENUM({Categories(column)})" : SqlText.Type(column.Type);

    /// <summary>The largest of several values: a number before NaN, NaN before a missing one; vectors and lists element by element.</summary>
    public static string Largest(Column column, string expression)
    {
        if (column.Type.Kind is not (ColumnKind.Half or ColumnKind.Float or ColumnKind.Double))
        {
            return $"max({expression})";
        }

        var type = SqlText.Type(ColumnType.Of(column.Type.Kind));
        if (!column.Type.IsScalar)
        {
            return $"arg_max({expression}, list_transform(CAST({expression} AS {type}[]), lambda e: {{'number': NOT isnan(e), 'value': CASE WHEN isnan(e) THEN 0 ELSE e END}}))";
        }

        return $"coalesce(max(CASE WHEN isnan({expression}) THEN NULL ELSE {expression} END), max({expression}))";
    }

    /// <summary>A moment, UTC: a text or a moment with a zone is that instant, one without is UTC.</summary>
    public static string Moment(string expression, string given) =>
        given == "TIMESTAMP" ? expression : given == "VARCHAR" ? $"CAST(CAST({expression} AS TIMESTAMPTZ) AS TIMESTAMP)" : $"CAST({expression} AS TIMESTAMP)";

    private static string GivenElement(ColumnKind kind, string value, string given) => kind switch
    {
        ColumnKind.Half => $"{DuckEngine.HalfFunction}(CAST({value} AS DOUBLE))",
        ColumnKind.Float when IntegerTypes.Contains(given) => $"CAST({value} AS FLOAT)",
        ColumnKind.Float when given == "FLOAT" => One(value, "FLOAT"),

        // What is too large for a float is infinite, which a cast refuses.
        ColumnKind.Float => One($"coalesce(TRY_CAST(CAST({value} AS DOUBLE) AS FLOAT), CASE WHEN CAST({value} AS DOUBLE) > 0 THEN 'inf'::FLOAT WHEN CAST({value} AS DOUBLE) < 0 THEN '-inf'::FLOAT END)", "FLOAT"),
        ColumnKind.Timestamp => Moment(value, given),
        ColumnKind.Double => One($"CAST({value} AS DOUBLE)", "DOUBLE"),
        _ => SqlText.Type(ColumnType.Of(kind)) is var type && type == given ? value : $"CAST({value} AS {type})",
    };

    // Neither a NaN nor a zero has a sign: the engine's dictionaries and sorting would not keep it.
    private static string One(string value, string type) => $"CASE WHEN isnan({value}) THEN 'nan'::{type} WHEN {value} = 0 THEN CAST(0 AS {type}) ELSE {value} END";

    // Of DOUBLE[] or FLOAT[3]; anything else is given to a cast, which says what it cannot do.
    private static string ElementOf(string given) => given.LastIndexOf('[') is > 0 and var bracket ? given[..bracket] : "VARCHAR";

    private static string Categories(Column column) => string.Join(", ", column.Categories.ToArray().Select(SqlText.Literal));
}
