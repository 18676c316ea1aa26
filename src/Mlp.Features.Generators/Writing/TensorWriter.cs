using System.Text;

namespace Mlp.Features.Generators;

/// <summary>Writes the copy of a row into a tensor's slot: a line a column.</summary>
internal static class TensorWriter
{
    public static void Write(StringBuilder code, RowLayout layout)
    {
        code.Append("        /// <summary>Writes the row's floats, as they stand in a tensor; a missing value is NaN.</summary>\n");
        code.Append($"        /// <param name=\"floats\">{Code.Number(layout.FloatCount)} of them.</param>\n        public readonly void WriteTo(global::System.Span<float> floats)\n        {{\n");
        code.Append($"            floats = floats.Slice(0, {Code.Number(layout.FloatCount)});\n");
        if (layout.NullWords == 0 && layout.Places.All(p => p.Column.Kind.Name == "Float" && !p.Column.IsList))
        {
            // The row is its floats.
            code.Append($"            global::System.Runtime.InteropServices.MemoryMarshal.Cast<Row, float>(new global::System.ReadOnlySpan<Row>(in this)).Slice(0, {Code.Number(layout.FloatCount)}).CopyTo(floats);\n");
        }
        else
        {
            foreach (var place in layout.Places.Where(p => p.Column.FloatCount > 0))
            {
                code.Append(place.Column.IsVector ? Vector(place) : Scalar(place));
            }
        }

        code.Append("        }\n");
    }

    // A missing number with a fraction is NaN where it lies.
    private static string Scalar(ColumnPlace place)
    {
        var field = $"(float){RowStructWriter.FieldOf(place)}";
        var value = place.NullBit < 0 || place.Column.Kind.IsFraction ? field : $"Has{place.Column.Property} ? {field} : float.NaN";
        return $"            floats[{Code.Number(place.FirstFloat)}] = {value};\n";
    }

    private static string Vector(ColumnPlace place)
    {
        var (column, field) = (place.Column, RowStructWriter.FieldOf(place));
        var slot = $"floats.Slice({Code.Number(place.FirstFloat)}, {Code.Number(column.VectorLength)})";
        if (column.Kind.Name == "Float")
        {
            return $"            ((global::System.ReadOnlySpan<float>){field}).CopyTo({slot});\n";
        }

        var element = column.Kind.Name == "Bool" ? $"{field}[i] ? 1f : 0f" : $"(float){field}[i]";
        var loop = $"for (var i = 0; i < {Code.Number(column.VectorLength)}; i++)\n            {{\n                floats[{Code.Number(place.FirstFloat)} + i] = {element};\n            }}\n";
        return place.NullBit < 0 || column.Kind.IsFraction
            ? $"            {loop}"
            : $"            if (!Has{column.Property})\n            {{\n                {slot}.Fill(float.NaN);\n            }}\n            else {loop}";
    }
}
