namespace Mlp.Features;

/// <summary>
/// A source's files as a table: its columns as statements use them, and <c>_us</c>, when each event became known. Files that were appended under
/// another definition are read as rows of this one: what is told by a <see cref="RowMigration"/> of rows holds for them.
/// </summary>
internal static class SourceTable
{
    /// <summary>The table, in parentheses.</summary>
    /// <param name="source">The definition to read with.</param>
    /// <param name="files">Where each file lies, and what it has.</param>
    public static string Of(EventSource source, IEnumerable<(string Path, SourceSchema Schema)> files)
    {
        var own = SourceSchema.Of(source);
        var parts = files.GroupBy(f => f.Schema, f => f.Path).Select(g => g.Key.Equals(own) ? (IsOwn: true, From: Parquet(g)) : (IsOwn: false, From: Turned(source, g.Key, g))).ToArray();
        return parts switch
        {
            [] => Of(source, Nothing(source)),
            [var only] => Of(source, only.From),
            _ => Of(source, $"({string.Join(" UNION ALL ", parts.Select(p => p.IsOwn ? $"SELECT {Names(source)} FROM {p.From}" : $"SELECT * FROM {p.From}"))})"),
        };
    }

    /// <summary>The table of files that were written with this very definition.</summary>
    public static string OfOwn(EventSource source, IEnumerable<string> files) => Of(source, Parquet(files));

    private static string Of(EventSource source, string from)
    {
        var time = SqlText.Name(source.TimeColumn);
        var columns = string.Join(", ", source.Columns.ToArray().Select(ColumnSql.Stored).Prepend(time));
        return $"(SELECT {columns}, epoch_us({time}) AS _us FROM {from})";
    }

    // The folders' dates are for others to read by; here a column of that name is the source's own.
    private static string Parquet(IEnumerable<string> files) => $"read_parquet([{string.Join(", ", files.Select(SqlText.Literal))}], hive_partitioning = false)";

    private static string Names(EventSource source) => SqlText.Names(source.Columns.ToArray().Select(c => c.Name).Prepend(source.TimeColumn));

    private static string Turned(EventSource source, SourceSchema schema, IEnumerable<string> files)
    {
        var columns = source.Columns.ToArray().Select(c => $"{Turned(c, schema)} AS {SqlText.Name(c.Name)}");
        return $"(SELECT {string.Join(", ", columns.Prepend(SqlText.Name(source.TimeColumn)))} FROM {Parquet(files)})";
    }

    private static string Turned(Column column, SourceSchema schema)
    {
        var given = column.Default is { } value ? ValueSql.Of(column, value) : null;
        foreach (var older in schema.Columns)
        {
            if (older.Name == column.Name)
            {
                var name = SqlText.Name(column.Name);
                var turned = ColumnSql.FileType(older) == ColumnSql.FileType(column) ? name : $"CAST({name} AS {ColumnSql.FileType(column)})";
                return older.IsNullable && !column.IsNullable ? $"coalesce({turned}, {given})" : turned;
            }
        }

        return given ?? $"CAST(NULL AS {ColumnSql.FileType(column)})";
    }

    private static string Nothing(EventSource source)
    {
        var columns = source.Columns.ToArray().Select(c => $"CAST(NULL AS {ColumnSql.FileType(c)}) AS {SqlText.Name(c.Name)}");
        return $"(SELECT {string.Join(", ", columns.Prepend($"CAST(NULL AS TIMESTAMP) AS {SqlText.Name(source.TimeColumn)}"))} WHERE FALSE)";
    }
}
