using System.Numerics;

namespace Mlp.Features;

/// <summary>Whether a value can stand in a column.</summary>
internal static class ColumnFit
{
    /// <summary>Why it cannot; null where it can.</summary>
    public static string? Refusal(Column column, in FeatureValue value)
    {
        if (value.IsMissing)
        {
            return column.IsNullable ? null : $"no value for '{column.Name}', which is not nullable";
        }

        var fits = column.Type.IsScalar ? FitsScalar(column, value) : FitsElements(column.Type, value.Elements);
        return fits ? null : $"{Text(value)} for '{column.Name}'; expected {Expected(column)}";
    }

    private static bool FitsScalar(Column column, in FeatureValue value)
    {
        if (!value.Type.IsScalar)
        {
            return false;
        }

        var (kind, given) = (column.Type.Kind, value.Type.Kind);
        return kind switch
        {
            ColumnKind.Int8 => IsWithin<sbyte>(value),
            ColumnKind.Int16 => IsWithin<short>(value),
            ColumnKind.Int32 => IsWithin<int>(value),
            ColumnKind.Int64 => given == ColumnKind.Int64,
            ColumnKind.UInt8 => IsWithin<byte>(value),
            ColumnKind.UInt16 => IsWithin<ushort>(value),
            ColumnKind.UInt32 => IsWithin<uint>(value),
            ColumnKind.UInt64 => given == ColumnKind.UInt64 || (given == ColumnKind.Int64 && value.Integer >= 0),
            ColumnKind.Half or ColumnKind.Float or ColumnKind.Double => given is ColumnKind.Int64 or ColumnKind.UInt64 or ColumnKind.Double,
            ColumnKind.Category => given == ColumnKind.Text && column.Categories.Contains(value.Text!),
            _ => given == kind,
        };
    }

    private static bool IsWithin<T>(in FeatureValue value)
        where T : INumber<T>, IMinMaxValue<T> =>
        value.Type.Kind == ColumnKind.Int64 && value.Integer >= long.CreateTruncating(T.MinValue) && value.Integer <= long.CreateTruncating(T.MaxValue);

    private static bool FitsElements(ColumnType type, Array? elements) =>
        elements is not null
        && FeatureValue.Of(elements).Type.Kind == type.Kind
        && (type.IsList || elements.Length == type.VectorLength)
        && (elements is not string[] texts || Array.TrueForAll(texts, static t => t is not null));

    private static string Text(in FeatureValue value) =>
        value.Elements is { } elements ? $"{value.Type} of {elements.Length}" : value.Type.Kind is ColumnKind.Text ? $"the text '{value.Text}'" : $"{value} ({value.Type})";

    private static string Expected(Column column) =>
        column.Categories.Length == 0 ? column.Type.ToString() : $"one of {string.Join(", ", column.Categories.ToArray())}";
}
