using System.Text;

namespace Mlp.Features.Generators;

/// <summary>Writes what turns a declared row into bytes, an event or floats, and bytes into a declared row.</summary>
internal static class ConversionWriter
{
    private const string Parts = Code.Room + "RowParts.";

    public static void Write(StringBuilder code, RowType type, RowLayout layout)
    {
        ByteCount(code, layout);
        ToRow(code, layout);
        Encode(code, layout);
        code.Append("    /// <summary>Writes the row's floats, as they stand in a tensor; a missing value is NaN.</summary>\n    public void WriteTo(global::System.Span<float> floats) => ToRow().WriteTo(floats);\n\n");
        Decode(code, type, layout);
        ToEvent(code, type);
    }

    private static void ByteCount(StringBuilder code, RowLayout layout)
    {
        code.Append("    /// <summary>Bytes of this row.</summary>\n    public int ByteCount");
        var tails = layout.Places.Where(p => p.Column.IsVariable).ToArray();
        if (tails.Length == 0)
        {
            code.Append(" => Row.FixedBytes;\n\n");
            return;
        }

        code.Append("\n    {\n        get\n        {\n            var bytes = Row.FixedBytes;\n");
        foreach (var place in tails)
        {
            code.Append($"            bytes += this.@{place.Column.Property} is {{ }} v{Code.Number(place.Offset)} ? {Parts}SizeOf{Generic(place.Column)}(v{Code.Number(place.Offset)}) : {Otherwise(place.Column, "0")};\n");
        }

        code.Append("            return bytes;\n        }\n    }\n\n");
    }

    private static void ToRow(StringBuilder code, RowLayout layout)
    {
        code.Append($"    /// <summary>The row as it lies in memory.</summary>\n    {(layout.HasTail ? "private" : "public")} Row ToRow()\n    {{\n        var row = default(Row);\n");
        foreach (var column in layout.Places.Select(p => p.Column).Where(c => !c.IsVariable))
        {
            code.Append(
                !column.IsVector ? $"        row.@{column.Property} = this.@{column.Property};\n"
                : column.IsNullable ? $"        if (this.@{column.Property} is {{ }} v{column.Property})\n        {{\n            row.Set{column.Property}(v{column.Property});\n        }}\n        else\n        {{\n            row.Clear{column.Property}();\n        }}\n\n"
                : $"        row.Set{column.Property}(this.@{column.Property} ?? throw {Parts}NoValue({Code.Text(column.Name)}));\n");
        }

        code.Append("        return row;\n    }\n\n");
    }

    private static void Encode(StringBuilder code, RowLayout layout)
    {
        code.Append("    /// <summary>Writes the row.</summary>\n    public int Encode(global::System.Span<byte> destination)\n    {\n        var row = ToRow();\n        var end = Row.FixedBytes;\n");
        foreach (var place in layout.Places.Where(p => p.Column.IsVariable))
        {
            var (column, value) = (place.Column, $"v{Code.Number(place.Offset)}");
            code.Append($"        row.@{column.Property} = this.@{column.Property} is {{ }} {value} ? {Parts}Write{Generic(column)}(destination, ref end, {value}{(column.IsList ? $", {Code.Text(column.Name)}" : "")}) : {Otherwise(column, $"default({Code.Room}TailRange?)")};\n");
        }

        code.Append($"        {Parts}WriteFixed(destination, in row);\n        return end;\n    }}\n\n");
    }

    private static void Decode(StringBuilder code, RowType type, RowLayout layout)
    {
        if (!layout.HasTail)
        {
            code.Append($"    /// <summary>Reads a row.</summary>\n    public static {type.Place.Name} Decode(global::System.ReadOnlySpan<byte> row) => FromRow({Parts}Fixed<Row>(row));\n\n");
            code.Append($"    /// <summary>Reads a row as it lies in memory.</summary>\n    public static {type.Place.Name} FromRow(in Row row)\n    {{\n");
        }
        else
        {
            code.Append($"    /// <summary>Reads a row.</summary>\n    public static {type.Place.Name} Decode(global::System.ReadOnlySpan<byte> bytes)\n    {{\n        var row = {Parts}Fixed<Row>(bytes);\n");
        }

        var values = layout.Places.ToDictionary(p => p.Column.Property, p => Read(p.Column, $"v{Code.Number(p.Offset)}"), StringComparer.Ordinal);
        code.Append($"        return new {type.Place.Name}({string.Join(", ", type.Constructor.Select(p => values[p]))})");
        var rest = values.Where(v => !type.Constructor.Contains(v.Key)).Select(v => $"@{v.Key} = {v.Value}").ToArray();
        code.Append(rest.Length == 0 ? ";\n    }\n\n" : $" {{ {string.Join(", ", rest)} }};\n    }}\n\n");
    }

    private static string Read(ColumnModel column, string range)
    {
        if (column.IsVector)
        {
            return column.IsNullable ? $"row.Has{column.Property} ? row.@{column.Property}.ToArray() : null" : $"row.@{column.Property}.ToArray()";
        }

        if (!column.IsVariable)
        {
            return $"row.@{column.Property}";
        }

        string Call(string where) => $"{Parts}{(column.IsList ? $"List<{column.Kind.Keyword}>" : "Text")}(bytes, Row.FixedBytes, {where}, {Code.Text(column.Name)})";
        return column.IsNullable ? $"row.@{column.Property} is {{ }} {range} ? {Call(range)} : null" : Call($"row.@{column.Property}");
    }

    private static void ToEvent(StringBuilder code, RowType type)
    {
        code.Append($"    /// <summary>The values of an event of <see cref=\"Source\"/>: the key's, then the row's.</summary>\n    public {Code.Room}FeatureValue[] ToEvent({type.Entity} key)\n    {{\n");
        code.Append($"        var keys = {type.Entity}.KeyColumns.Length;\n        var values = new {Code.Room}FeatureValue[keys + {Code.Number(type.Columns.Count)}];\n        key.WriteKey(values);\n");
        for (var i = 0; i < type.Columns.Count; i++)
        {
            var (column, value) = (type.Columns[i], $"this.@{type.Columns[i].Property}");
            var isReference = !column.IsScalar || (column.Kind.Keyword == "string" && column.EnumType is null);
            code.Append($"        values[keys + {Code.Number(i)}] = {(column.IsNullable || isReference ? $"{value} is {{ }} v{Code.Number(i)} ? {ColumnText.Value(column, $"v{Code.Number(i)}")} : default" : ColumnText.Value(column, value))};\n");
        }

        code.Append("        return values;\n    }\n");
    }

    private static string Generic(ColumnModel column) => column.IsList ? $"<{column.Kind.Keyword}>" : "";

    private static string Otherwise(ColumnModel column, string missing) => column.IsNullable ? missing : $"throw {Parts}NoValue({Code.Text(column.Name)})";
}
