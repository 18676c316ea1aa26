namespace Mlp.Features;

/// <summary>How a CSV file is written.</summary>
public sealed record CsvOptions
{
    private readonly Column[] _columns = [];

    /// <summary>Between two values.</summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>Around values that have a delimiter or a line's end in them.</summary>
    public char Quote { get; init; } = '"';

    /// <summary>Whether the first line has the columns' names.</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>What a missing value is, if not quoted.</summary>
    public string Missing { get; init; } = "";

    /// <summary>Most bytes of a line; a longer one is refused.</summary>
    public int LineBytesMax { get; init; } = 2 << 20;

    /// <summary>
    /// All columns of the file, in its order. None: the header names them and every value is a text, which an append turns into the source's
    /// types; expressions over them (<see cref="OfflineQuery.With"/>) then see texts.
    /// </summary>
    public IReadOnlyList<Column> Columns
    {
        get => _columns;
        init => _columns = [.. value];
    }

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">They say nothing of how the columns are called, or one is out of its range.</exception>
    public void Validate()
    {
        if (!HasHeader && _columns.Length == 0)
        {
            throw new ArgumentException("A CSV file without a header needs Columns.", nameof(HasHeader));
        }

        if (Delimiter == Quote || Delimiter is '\n' or '\r')
        {
            throw new ArgumentException($"'{Delimiter}' cannot stand between values that '{Quote}' stands around.", nameof(Delimiter));
        }

        ArgumentNullException.ThrowIfNull(Missing);
        ArgumentOutOfRangeException.ThrowIfLessThan(LineBytesMax, 1 << 10);
    }

    /// <summary>The file as a table in SQL.</summary>
    internal string From(string path)
    {
        var types = _columns.Length == 0
            ? "auto_detect = true, all_varchar = true"
            : $"auto_detect = false, columns = {{{string.Join(", ", _columns.Select(c => $"{SqlText.Literal(c.Name)}: {SqlText.Literal(TypeOf(c.Type))}"))}}}";
        return $"read_csv({SqlText.Literal(path)}, header = {(HasHeader ? "true" : "false")}, delim = {SqlText.Literal(Delimiter.ToString())}, quote = {SqlText.Literal(Quote.ToString())}, escape = {SqlText.Literal(Quote.ToString())}, nullstr = {SqlText.Literal(Missing)}, max_line_size = {SqlText.Literal(LineBytesMax)}, {types})";
    }

    // A moment that is written with a zone is that instant; a vector is a list until it is stored.
    private static string TypeOf(ColumnType type) => type.VectorLength > 0 ? SqlText.Type(ColumnType.ListOf(type.Kind))
        : type.Kind == ColumnKind.Timestamp ? SqlText.Type(type).Replace("TIMESTAMP", "TIMESTAMPTZ", StringComparison.Ordinal)
        : SqlText.Type(type);
}
