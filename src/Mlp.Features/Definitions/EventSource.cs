namespace Mlp.Features;

/// <summary>Events that features are made of: a table of history offline, a stream online.</summary>
public sealed class EventSource
{
    private readonly Column[] _columns;
    private readonly int _retractsIndex = -1;

    /// <summary>Declares a source.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="timeColumn">The column that says when an event became <em>known</em>, UTC; no feature sees it sooner.</param>
    /// <param name="columns">The other columns.</param>
    public EventSource(string name, string timeColumn, params ReadOnlySpan<Column> columns)
    {
        DefinitionName.Check(name);
        DefinitionName.Check(timeColumn);
        Name = name;
        TimeColumn = timeColumn;
        _columns = columns.ToArray();
        foreach (var column in _columns)
        {
            if (Array.FindIndex(_columns, c => c.Name == column.Name) != Array.IndexOf(_columns, column) || column.Name == timeColumn)
            {
                throw new ArgumentException($"The column '{column.Name}' occurs twice in the source '{name}'.", nameof(columns));
            }
        }
    }

    /// <summary>The source's name.</summary>
    public string Name { get; }

    /// <summary>When an event became known.</summary>
    public string TimeColumn { get; }

    /// <summary>
    /// A column of moments that says when an event was written, null where there is none: of several events of one entity at one time the one
    /// written last counts for a <see cref="LatestView"/>.
    /// </summary>
    public string? CreatedColumn
    {
        get;
        init => field = value is null ? null : Require(value, ColumnType.Of(ColumnKind.Timestamp)).Name;
    }

    /// <summary>The other columns.</summary>
    public ReadOnlySpan<Column> Columns => _columns;

    /// <summary>
    /// The column that tells retractions from events, where a source has them: of a retraction, whose time column says when the retraction
    /// became known, when the retracted event had become known. A column of moments, missing of an event, or of integers, microseconds since 1970 and 0 of an event.
    /// </summary>
    public string? RetractsColumn
    {
        get;
        init
        {
            field = value is null ? null : Require(value, ColumnType.Integer, ColumnType.Of(ColumnKind.Timestamp)).Name;
            _retractsIndex = value is null ? -1 : IndexOf(value);
        }
    }

    /// <summary>The same source with other columns.</summary>
    internal EventSource WithColumns(ReadOnlySpan<Column> columns) => new(Name, TimeColumn, columns) { CreatedColumn = CreatedColumn, RetractsColumn = RetractsColumn };

    /// <summary>Whether a row retracts an event, and of what time.</summary>
    internal bool IsRetraction(ReadOnlySpan<FeatureValue> values, out long eventMicros)
    {
        eventMicros = _retractsIndex >= 0 && !values[_retractsIndex].IsMissing ? values[_retractsIndex].Integer : 0;
        return eventMicros != 0;
    }

    /// <summary>The index of a column.</summary>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    public int IndexOf(string column) => Array.FindIndex(_columns, c => c.Name == column) is var index and >= 0
        ? index
        : throw new ArgumentException($"The source '{Name}' has no column '{column}'; it has {string.Join(", ", _columns.Select(c => c.Name))}.", nameof(column));

    internal Column Require(string column, params ReadOnlySpan<ColumnType> types)
    {
        var found = _columns[IndexOf(column)];
        return types.Contains(found.Type)
            ? found
            : throw new ArgumentException($"The column '{column}' of '{Name}' is {found.Type}; expected {string.Join(" or ", types.ToArray())}.", nameof(column));
    }
}
