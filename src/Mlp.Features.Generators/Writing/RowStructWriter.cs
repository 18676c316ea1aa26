using System.Text;

namespace Mlp.Features.Generators;

/// <summary>Writes a row as it lies in memory.</summary>
internal static class RowStructWriter
{
    private const string Interop = "global::System.Runtime.InteropServices.";

    public static void Write(StringBuilder code, RowLayout layout)
    {
        code.Append("    /// <summary>A row as it lies in memory: the fixed part of a stored row is one.</summary>\n");
        code.Append($"    [{Interop}StructLayout({Interop}LayoutKind.Explicit, Size = {Code.Number(layout.FixedBytes)})]\n    public struct Row\n    {{\n");
        code.Append($"        /// <summary>Bytes of the fixed part.</summary>\n        public const int FixedBytes = {Code.Number(layout.FixedBytes)};\n\n");
        code.Append($"        /// <summary>Floats in a tensor.</summary>\n        public const int FloatCount = {Code.Number(layout.FloatCount)};\n\n");
        for (var w = 0; w < layout.NullWords; w++)
        {
            code.Append($"        [{Interop}FieldOffset({Code.Number(w * 8)})]\n        private ulong __n{Code.Number(w)};\n\n");
        }

        foreach (var place in layout.Places)
        {
            Field(code, place);
        }

        foreach (var place in layout.Places)
        {
            if (place.NullBit >= 0)
            {
                code.Append($"        /// <summary>Whether {place.Column.Name} has a value.</summary>\n        public readonly bool Has{place.Column.Property} => (__n{Code.Number(place.Word)} & {place.Mask}) == 0;\n\n");
            }

            if (place.Column.IsVector)
            {
                Vector(code, place);
            }
            else
            {
                Property(code, place);
            }

            if (place.Column.Categories.Count > 0)
            {
                Categories(code, place.Column);
            }
        }

        TensorWriter.Write(code, layout);
        code.Append("    }\n\n");
    }

    /// <summary>The field of a column.</summary>
    public static string FieldOf(ColumnPlace place) => $"__c{Code.Number(place.Offset)}";

    private static void Field(StringBuilder code, ColumnPlace place)
    {
        var column = place.Column;
        var type = column.IsVector ? $"__V{Code.Number(place.Offset)}" : column.IsList ? ElementKind.Text.Field : column.Kind.Field;
        code.Append($"        [{Interop}FieldOffset({Code.Number(place.Offset)})]\n        private {type} {FieldOf(place)};\n\n");
        if (column.IsVector)
        {
            code.Append($"        [global::System.Runtime.CompilerServices.InlineArray({Code.Number(column.VectorLength)})]\n        private struct {type}\n        {{\n            private {column.Kind.Keyword} __element;\n        }}\n\n");
        }
    }

    private static void Property(StringBuilder code, ColumnPlace place)
    {
        var (column, field) = (place.Column, FieldOf(place));
        var type = column.IsVariable ? $"{Code.Room}TailRange" : column.EnumType ?? column.Kind.Keyword;
        var get = column.IsVariable ? field : column.Kind.Name switch
        {
            "Bool" => $"{field} != 0",
            "Category" => $"__{column.Property}Of({field})",
            "Timestamp" => $"{Code.Room}RowParts.Time({field}, {Code.Text(column.Name)})",
            _ => field,
        };
        string Set(string value) => column.IsVariable ? value : column.Kind.Name switch
        {
            "Bool" => $"{value} ? (byte)1 : (byte)0",
            "Category" => $"__NumberOf{column.Property}({value})",
            "Timestamp" => $"{Code.Room}RowParts.Micros({value})",
            _ when column.Kind.IsFraction => $"{Code.Room}RowParts.Number({value})",
            _ => value,
        };
        code.Append($"        /// <summary>{column.Name}{(column.IsVariable ? ": where it lies behind the fixed part" : "")}.</summary>\n        public {type}{(column.IsNullable ? "?" : "")} @{column.Property}\n        {{\n");
        if (!column.IsNullable)
        {
            code.Append($"            readonly get => {get};\n            set => {field} = {Set("value")};\n        }}\n\n");
            return;
        }

        var missing = !column.IsVariable && column.Kind.IsFraction ? $"{column.Kind.Keyword}.NaN" : "default";
        code.Append($"            readonly get => Has{column.Property} ? {get} : null;\n            set\n            {{\n");
        code.Append($"                if (value is {{ }} given)\n                {{\n                    {field} = {Set("given")};\n                    {Present(place)}\n                }}\n");
        code.Append($"                else\n                {{\n                    {field} = {missing};\n                    {Missing(place)}\n                }}\n            }}\n        }}\n\n");
    }

    private static void Vector(StringBuilder code, ColumnPlace place)
    {
        var (column, field, element) = (place.Column, FieldOf(place), place.Column.Kind.Keyword);
        code.Append($"        /// <summary>{column.Name}.</summary>\n        [global::System.Diagnostics.CodeAnalysis.UnscopedRef]\n        public readonly global::System.ReadOnlySpan<{element}> @{column.Property} => {field};\n\n");
        code.Append($"        /// <summary>Sets {column.Name}.</summary>\n        public void Set{column.Property}(global::System.ReadOnlySpan<{element}> values)\n        {{\n");
        code.Append($"            {Code.Room}RowParts.Copy<{element}>(values, {field}, {Code.Text(column.Name)});\n");
        code.Append(column.IsNullable ? $"            {Present(place)}\n        }}\n\n" : "        }\n\n");
        if (column.IsNullable)
        {
            var missing = column.Kind.IsFraction ? $"{element}.NaN" : "default";
            code.Append($"        /// <summary>Leaves {column.Name} without a value.</summary>\n        public void Clear{column.Property}()\n        {{\n            ((global::System.Span<{element}>){field}).Fill({missing});\n            {Missing(place)}\n        }}\n\n");
        }
    }

    private static string Present(ColumnPlace place) => $"__n{Code.Number(place.Word)} &= ~{place.Mask};";

    private static string Missing(ColumnPlace place) => $"__n{Code.Number(place.Word)} |= {place.Mask};";

    private static void Categories(StringBuilder code, ColumnModel column)
    {
        var (name, type) = (Code.Text(column.Name), column.EnumType ?? "string");
        string Member(int i) => column.EnumType is null ? Code.Text(column.Categories[i]) : $"{column.EnumType}.@{column.EnumMembers[i]}";
        var all = Enumerable.Range(0, column.Categories.Count).ToArray();
        code.Append($"        private static {type} __{column.Property}Of(int number) => number switch\n        {{\n");
        code.Append(string.Concat(all.Select(i => $"            {Code.Number(i)} => {Member(i)},\n")));
        code.Append($"            _ => throw {Code.Room}RowParts.NoCategory({name}, number),\n        }};\n\n");
        code.Append($"        private static int __NumberOf{column.Property}({type} category) => category switch\n        {{\n");
        code.Append(string.Concat(all.Select(i => $"            {Member(i)} => {Code.Number(i)},\n")));
        code.Append(column.EnumType is null ? $"            null => throw {Code.Room}RowParts.NoValue({name}),\n" : "");
        code.Append($"            _ => throw {Code.Room}RowParts.NoCategory({name}, category),\n        }};\n\n");
        if (column.EnumType is not null)
        {
            code.Append($"        internal static string TextOf{column.Property}({type} category) => category switch\n        {{\n");
            code.Append(string.Concat(all.Select(i => $"            {Member(i)} => {Code.Text(column.Categories[i])},\n")));
            code.Append($"            _ => throw {Code.Room}RowParts.NoCategory({name}, category),\n        }};\n\n");
        }
    }
}
