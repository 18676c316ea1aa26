namespace Mlp.Features;

/// <summary>Compares columns by name.</summary>
internal static class SchemaComparison
{
    public static SchemaChange Of(RowSchema older, RowSchema newer)
    {
        if (older.Canonical == newer.Canonical)
        {
            return new SchemaChange(SchemaCompatibility.Identical, []);
        }

        var changes = new List<ColumnChange>();
        foreach (var column in newer.Columns)
        {
            var was = older.IndexOf(column.Name);
            if (was < 0)
            {
                changes.Add(Added(column));
            }
            else if (!older.Columns[was].Equals(column))
            {
                changes.Add(Changed(older.Columns[was], column));
            }
        }

        foreach (var column in older.Columns)
        {
            if (newer.IndexOf(column.Name) < 0)
            {
                changes.Add(new ColumnChange(column.Name, column, null, false, "older rows would lose it: keep the column, or put rows into a new store"));
            }
        }

        return new SchemaChange(changes.TrueForAll(c => c.IsCompatible) ? SchemaCompatibility.Compatible : SchemaCompatibility.Incompatible, changes);
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
