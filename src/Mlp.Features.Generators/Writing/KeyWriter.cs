namespace Mlp.Features.Generators;

/// <summary>Writes the code of a key.</summary>
internal static class KeyWriter
{
    public static string Write(KeyType key)
    {
        var code = TypeText.Open(key.Place, $"{Code.Room}IEntityKey");
        var columns = string.Join(", ", key.Columns.Select(ColumnText.KeyDeclaration));
        var names = string.Join(", ", key.Columns.Select(c => Code.Text(c.Name)));
        code.Append($"    private static readonly {Code.Room}Column[] __keyColumns = new {Code.Room}Column[] {{ {columns} }};\n\n");
        code.Append($"    /// <summary>The entity.</summary>\n    public static {Code.Room}Entity Entity {{ get; }} = new {Code.Room}Entity({Code.Text(key.Entity)}, {names});\n\n");
        code.Append($"    /// <summary>The key columns, in order.</summary>\n    public static global::System.ReadOnlySpan<{Code.Room}Column> KeyColumns => __keyColumns;\n\n");
        code.Append($"    /// <summary>The key as stores have it.</summary>\n    public {Code.Room}EntityKey ToKey() => {Code.Room}EntityKey.Of({Parts(key)});\n\n");
        code.Append($"    /// <summary>The values of the key columns.</summary>\n    public void WriteKey(global::System.Span<{Code.Room}FeatureValue> values)\n    {{\n");
        for (var i = 0; i < key.Columns.Count; i++)
        {
            code.Append($"        values[{Code.Number(i)}] = {ColumnText.Value(key.Columns[i], $"this.@{key.Columns[i].Property}")};\n");
        }

        code.Append($"    }}\n\n    /// <summary>The key as stores have it.</summary>\n    public static implicit operator {Code.Room}EntityKey({key.Place.Name} key) => key.ToKey();\n");
        return TypeText.Close(code, key.Place);
    }

    private static string Parts(KeyType key)
    {
        var mixed = key.Columns.Count > 1 && key.Columns.Any(c => c.Kind != ElementKind.Text);
        return string.Join(", ", key.Columns.Select(c =>
            mixed ? ColumnText.Value(c, $"this.@{c.Property}") : c.Kind.IsInteger ? $"(long)this.@{c.Property}" : $"this.@{c.Property}"));
    }
}
