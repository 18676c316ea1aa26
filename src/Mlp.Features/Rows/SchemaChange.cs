namespace Mlp.Features;

/// <summary>What the change of a schema means for rows that were written before it.</summary>
public enum SchemaCompatibility
{
    /// <summary>Rows are the same, byte for byte.</summary>
    Identical,

    /// <summary>Every older row can be turned into a newer one; a <see cref="RowMigration"/> does.</summary>
    Compatible,

    /// <summary>Older rows lack what newer ones need.</summary>
    Incompatible,
}

/// <summary>What became of a column.</summary>
/// <param name="Column">Its name.</param>
/// <param name="Older">Its older declaration; null where it was added.</param>
/// <param name="Newer">Its newer declaration; null where it was removed.</param>
/// <param name="IsCompatible">Whether older rows can follow.</param>
/// <param name="Reason">What follows for older rows, as a sentence's end: such as <c>older rows get 0</c>.</param>
public sealed record ColumnChange(string Column, Column? Older, Column? Newer, bool IsCompatible, string Reason)
{
    /// <summary>Such as <c>+ share: float? (missing in older rows)</c>.</summary>
    public override string ToString()
    {
        var change = (Older, Newer) switch
        {
            (null, { } newer) => $"+ {newer.Canonical}",
            ({ } older, null) => $"- {older.Canonical}",
            var (older, newer) => $"~ {older!.Canonical} -> {newer!.Canonical}",
        };
        return $"{change} ({Reason})";
    }
}

/// <summary>How two schemas differ.</summary>
/// <param name="Compatibility">What it means for older rows.</param>
/// <param name="Columns">What became of each column that is not as it was, those of the newer schema first, in its order.</param>
public sealed record SchemaChange(SchemaCompatibility Compatibility, IReadOnlyList<ColumnChange> Columns)
{
    /// <summary>A line for each column, for people.</summary>
    public override string ToString() => Columns.Count > 0 ? string.Join('\n', Columns) : Compatibility == SchemaCompatibility.Identical ? "no difference" : "another order of the same columns";
}
