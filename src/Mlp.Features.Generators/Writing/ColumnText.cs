namespace Mlp.Features.Generators;

/// <summary>A column as C#.</summary>
internal static class ColumnText
{
    /// <summary>The declaration, as somebody would write it.</summary>
    public static string Declaration(ColumnModel column)
    {
        var (name, kind) = (Code.Text(column.Name), $"{Code.Room}ColumnKind.{column.Kind.Name}");
        var text = column.Categories.Count > 0 ? $"{Code.Room}Column.Category({name}, {TypeText.Texts(column.Categories)})"
            : column.IsList ? $"{Code.Room}Column.List({name}, {kind})"
            : column.IsVector ? $"{Code.Room}Column.Vector({name}, {Code.Number(column.VectorLength)}, {kind})"
            : $"{Code.Room}Column.Of({name}, {kind})";
        return text + (column.IsNullable ? ".Nullable()" : "") + (column.Default is { } value ? $" with {{ Default = ({Code.Room}FeatureValue)({value.Literal}) }}" : "");
    }

    /// <summary>The declaration of a key: integers have 64 bits there.</summary>
    public static string KeyDeclaration(ColumnModel column) =>
        $"{Code.Room}Column.Of({Code.Text(column.Name)}, {Code.Room}ColumnKind.{(column.Kind.IsInteger ? "Int64" : column.Kind.Name)})";

    /// <summary>A value as a <c>FeatureValue</c>.</summary>
    public static string Value(ColumnModel column, string value) =>
        !column.IsScalar ? $"{Code.Room}FeatureValue.Of({value})"
        : column.EnumType is not null ? $"({Code.Room}FeatureValue)Row.TextOf{column.Property}({value})"
        : column.Kind.Name == "UInt64" ? $"({Code.Room}FeatureValue){value}"
        : column.Kind.IsInteger ? $"({Code.Room}FeatureValue)(long){value}"
        : column.Kind.IsFraction ? $"({Code.Room}FeatureValue)(double){value}"
        : $"({Code.Room}FeatureValue){value}";
}
