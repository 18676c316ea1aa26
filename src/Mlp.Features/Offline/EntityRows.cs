namespace Mlp.Features;

/// <summary>The left side of a point-in-time join: for each row the keys of a service's entities, a time, and columns that are carried along, such as the label.</summary>
public sealed class EntityRows
{
    private readonly Column[] _columns;

    /// <summary>Declares the rows.</summary>
    /// <param name="query">Has a column for each key of the service's entities, and the columns named here.</param>
    /// <param name="timeColumn">When the features are wanted, UTC.</param>
    /// <param name="columns">Carried along; a row without a value of one that is not nullable is refused.</param>
    public EntityRows(OfflineQuery query, string timeColumn, params ReadOnlySpan<Column> columns)
    {
        ArgumentNullException.ThrowIfNull(query);
        DefinitionName.Check(timeColumn);
        Query = query;
        TimeColumn = timeColumn;
        _columns = columns.ToArray();
        foreach (var column in _columns)
        {
            DefinitionName.Check(column.Name);
        }
    }

    /// <summary>The rows.</summary>
    public OfflineQuery Query { get; }

    /// <summary>When the features are wanted.</summary>
    public string TimeColumn { get; }

    /// <summary>Columns that are carried along.</summary>
    public ReadOnlySpan<Column> Columns => _columns;
}
