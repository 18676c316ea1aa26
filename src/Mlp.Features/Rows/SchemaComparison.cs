namespace Mlp.Features;

/// <summary>Compares columns by name.</summary>
internal static class SchemaComparison
{
    public static SchemaChange Of(RowSchema older, RowSchema newer) => Of(older.Columns, newer.Columns, keepsRemoved: false);

    /// <summary>Compares columns.</summary>
    /// <param name="older">What rows were written with.</param>
    /// <param name="newer">What they are to be read with.</param>
    /// <param name="keepsRemoved">Whether rows stay as they were written, so that no value is lost with a column that is not read.</param>
    public static SchemaChange Of(ReadOnlySpan<Column> older, ReadOnlySpan<Column> newer, bool keepsRemoved)
    {
        if (older.SequenceEqual(newer))
        {
            return new SchemaChange(SchemaCompatibility.Identical, []);
        }

        var changes = new List<ColumnChange>();
        foreach (var column in newer)
        {
            if (Find(older, column.Name) is not { } was)
            {
                changes.Add(Added(column));
            }
            else if (!was.Equals(column))
            {
                changes.Add(Changed(was, column));
            }
        }

        foreach (var column in older)
        {
            if (Find(newer, column.Name) is null)
            {
                changes.Add(new ColumnChange(column.Name, column, null, keepsRemoved, keepsRemoved ? "older rows keep it, and it is not read" : "older rows would lose it: keep the column, or put rows into a new store"));
            }
        }

        return new SchemaChange(changes.TrueForAll(c => c.IsCompatible) ? SchemaCompatibility.Compatible : SchemaCompatibility.Incompatible, changes);
    }

    private static Column? Find(ReadOnlySpan<Column> columns, string name)
    {
        foreach (var column in columns)
        {
            if (column.Name == name)
            {
                return column;
            }
        }

        return null;
    }

    private static ColumnChange Added(Column column) => column switch
    {
        { Default: { } given } => new ColumnChange(column.Name, null, column, true, $"older rows get {given.Canonical}"),
        { IsNullable: true } => new ColumnChange(column.Name, null, column, true, "missing in older rows"),
        _ => new ColumnChange(column.Name, null, column, false, "older rows have no value for it: make it nullable or give it a default"),
    };

    private static ColumnChange Changed(Column older, Column newer)
    {
        ColumnChange Change(bool isCompatible, string reason) => new(newer.Name, older, newer, isCompatible, reason);

        if (older.IsNullable && newer is { IsNullable: false, Default: null })
        {
            return Change(false, "it may be missing in older rows: leave it nullable or give it a default");
        }

        if (older.Type != newer.Type)
        {
            return Widens(older.Type, newer.Type)
                ? Change(true, "every older value fits")
                : Change(false, $"older values are {older.Type}; a type can only become a wider one of its own sort");
        }

        foreach (var category in older.Categories)
        {
            if (!newer.Categories.Contains(category))
            {
                return Change(false, $"older rows may have the category '{category}'");
            }
        }

        return older.Categories.SequenceEqual(newer.Categories)
            ? Change(true, "older values stay")
            : Change(true, "older rows keep their categories");
    }

    // Lossless, and the same float in a tensor. A list's elements keep their width: they are written as they are.
    private static bool Widens(ColumnType older, ColumnType newer) =>
        !older.IsList && !newer.IsList && older.VectorLength == newer.VectorLength && (older.Kind, newer.Kind) switch
        {
            (>= ColumnKind.Int8 and <= ColumnKind.Int64, >= ColumnKind.Int8 and <= ColumnKind.Int64) => newer.Kind > older.Kind,
            (>= ColumnKind.UInt8 and <= ColumnKind.UInt64, >= ColumnKind.UInt8 and <= ColumnKind.UInt64) => newer.Kind > older.Kind,
            (>= ColumnKind.UInt8 and <= ColumnKind.UInt32, >= ColumnKind.Int16 and <= ColumnKind.Int64) => ColumnType.ElementBytes(newer.Kind) > ColumnType.ElementBytes(older.Kind),
            (ColumnKind.Half or ColumnKind.Float, ColumnKind.Float or ColumnKind.Double) => newer.Kind > older.Kind,
            _ => false,
        };
}
