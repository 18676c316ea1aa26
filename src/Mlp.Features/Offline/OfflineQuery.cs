namespace Mlp.Features;

/// <summary>Rows for the offline store: Parquet or CSV files, or any query in DuckDB's SQL.</summary>
public sealed record OfflineQuery
{
    private readonly string _from;
    private readonly (string Column, string Expression)[] _computed = [];
    private readonly string _where = "";

    private OfflineQuery(string from) => _from = from;

    private OfflineQuery(string from, (string Column, string Expression)[] computed, string where)
        : this(from)
    {
        _computed = computed;
        _where = where;
    }

    /// <summary>The rows of Parquet files; the path may have <c>*</c> in it.</summary>
    public static OfflineQuery Parquet(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new OfflineQuery($"read_parquet({SqlText.Literal(path)})");
    }

    /// <summary>The rows of CSV files; the path may have <c>*</c> in it.</summary>
    public static OfflineQuery Csv(string path, CsvOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new CsvOptions();
        options.Validate();
        return new OfflineQuery(options.From(path));
    }

    /// <summary>The rows of a query. It runs as it is: never put a text from outside into it.</summary>
    public static OfflineQuery Sql(string select)
    {
        ArgumentException.ThrowIfNullOrEmpty(select);
        return new OfflineQuery($"({select})");
    }

    /// <summary>Adds a computed column, or replaces one of the same name.</summary>
    /// <param name="column">The column's name.</param>
    /// <param name="expression">An expression in SQL over the rows' own columns.</param>
    public OfflineQuery With(string column, string expression)
    {
        DefinitionName.Check(column);
        ArgumentException.ThrowIfNullOrEmpty(expression);
        return new OfflineQuery(_from, [.. _computed.Where(c => c.Column != column), (column, expression)], _where);
    }

    /// <summary>Keeps the rows of which a condition in SQL over their own columns is true.</summary>
    public OfflineQuery Where(string condition)
    {
        ArgumentException.ThrowIfNullOrEmpty(condition);
        return new OfflineQuery(_from, _computed, _where.Length == 0 ? condition : $"({_where}) AND ({condition})");
    }

    /// <summary>The statement that gives some columns.</summary>
    internal string Select(IEnumerable<string> columns)
    {
        var expressions = columns.Select(column =>
        {
            var computed = Array.FindIndex(_computed, c => c.Column == column);
            return computed < 0 ? SqlText.Name(column) : $"({_computed[computed].Expression}) AS {SqlText.Name(column)}";
        });
        return $"SELECT {string.Join(", ", expressions)} FROM {_from} AS rows{(_where.Length == 0 ? "" : $" WHERE {_where}")}";
    }
}
