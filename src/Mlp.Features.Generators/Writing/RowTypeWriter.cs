using System.Text;

namespace Mlp.Features.Generators;

/// <summary>Writes the code of a declared row: its definitions, its struct, and what turns one into the other.</summary>
internal static class RowTypeWriter
{
    public static string Write(RowType type)
    {
        var layout = new RowLayout(type.Columns);
        var code = TypeText.Open(type.Place, $"{Code.Room}IFeatureRow<{type.Place.Name}>");
        Definitions(code, type, layout);
        RowStructWriter.Write(code, layout);
        ConversionWriter.Write(code, type, layout);
        return TypeText.Close(code, type.Place);
    }

    private static void Definitions(StringBuilder code, RowType type, RowLayout layout)
    {
        code.Append($"    /// <summary>The digest of <see cref=\"Schema\"/>.</summary>\n    public const string SchemaDigest = {Code.Text(layout.Digest)};\n\n");
        code.Append($"    /// <summary>The columns, and how a row lies in memory.</summary>\n    public static {Code.Room}RowSchema Schema {{ get; }} = new {Code.Room}RowSchema(__NewColumns());\n\n");
        code.Append($"    /// <summary>The source of such rows: the key's columns, then the row's.</summary>\n    public static {Code.Room}EventSource Source {{ get; }} = __NewSource();\n\n");
        code.Append($"    /// <summary>The view over <see cref=\"Source\"/>.</summary>\n    public static {Code.Room}LatestView View => __ViewOfSource.View;\n\n");
        ViewOf(code, type);
        code.Append($"    private static {Code.Room}Column[] __NewColumns() => new {Code.Room}Column[]\n    {{\n");
        code.Append(string.Concat(type.Columns.Select(c => $"        {ColumnText.Declaration(c)},\n"))).Append("    };\n\n");
        code.Append($"    private static {Code.Room}EventSource __NewSource()\n    {{\n");
        code.Append($"        var columns = new global::System.Collections.Generic.List<{Code.Room}Column>();\n");
        code.Append($"        foreach (var column in {type.Entity}.KeyColumns)\n        {{\n            columns.Add(column);\n        }}\n\n");
        code.Append($"        columns.AddRange(__NewColumns());\n        return new {Code.Room}EventSource({Code.Text(type.Source)}, {Code.Text(type.TimeColumn)}, columns.ToArray()){Moments(type)};\n    }}\n\n");
        code.Append($"    private static class __ViewOfSource\n    {{\n        internal static readonly {Code.Room}LatestView View = ViewOf(Source);\n    }}\n\n");
    }

    private static string Moments(RowType type)
    {
        var created = type.CreatedColumn is { } written ? $" CreatedColumn = {Code.Text(written)}," : "";
        var retracts = type.RetractsColumn is { } retracted ? $" RetractsColumn = {Code.Text(retracted)}," : "";
        return created.Length + retracts.Length == 0 ? "" : $" {{{created}{retracts} }}";
    }

    private static void ViewOf(StringBuilder code, RowType type)
    {
        var span = type.TimeToLiveTicks == 0 ? "null" : $"global::System.TimeSpan.FromTicks({Code.Number(type.TimeToLiveTicks)}L)";
        code.Append($"    /// <summary>The view over another source that has such columns.</summary>\n    public static {Code.Room}LatestView ViewOf({Code.Room}EventSource source) =>\n");
        code.Append($"        new {Code.Room}LatestView({Code.Text(type.View)}, {type.Entity}.Entity, source, {TypeText.Texts(type.Columns.Select(c => c.Name))}, {span})\n");
        code.Append($"        {{\n            Owner = {Code.Text(type.People.Owner, "null")},\n            Description = {Code.Text(type.People.Description, "null")},\n            Tags = {TypeText.Texts(type.People.Tags)},\n        }};\n\n");
    }
}
