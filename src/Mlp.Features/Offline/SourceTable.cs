namespace Mlp.Features;

/// <summary>A source's files as a table: its columns as statements use them, and <c>_us</c>, when each event became known.</summary>
internal static class SourceTable
{
    /// <summary>The table, in parentheses.</summary>
    public static string Of(EventSource source, IReadOnlyList<string> files)
    {
        var time = SqlText.Name(source.TimeColumn);
        var columns = string.Join(", ", source.Columns.ToArray().Select(ColumnSql.Stored).Prepend(time));
        return $"(SELECT {columns}, epoch_us({time}) AS _us FROM {(files.Count == 0 ? Nothing(source) : Parquet(files))})";
    }

    // The folders' dates are for others to read by; here a column of that name is the source's own.
    public static string Parquet(IEnumerable<string> files) => $"read_parquet([{string.Join(", ", files.Select(SqlText.Literal))}], hive_partitioning = false)";

    private static string Nothing(EventSource source)
    {
        var columns = source.Columns.ToArray().Select(c => $"CAST(NULL AS {(c.Type.Kind == ColumnKind.Category ? "VARCHAR" : SqlText.Type(c.Type))}) AS {SqlText.Name(c.Name)}");
        return $"(SELECT {string.Join(", ", columns.Prepend($"CAST(NULL AS TIMESTAMP) AS {SqlText.Name(source.TimeColumn)}"))} WHERE FALSE)";
    }
}
