using System.Globalization;
using Microsoft.CodeAnalysis;

namespace Mlp.Features.Generators;

/// <summary>Reads what older rows have for a column, as <c>FeatureValue</c> would take it.</summary>
internal static class DefaultReader
{
    /// <summary>The value; null where it does not fit.</summary>
    public static DefaultValue? Read(ColumnModel column, INamedTypeSymbol? enumeration, TypedConstant given)
    {
        if (!column.IsScalar || given.Kind is not (TypedConstantKind.Primitive or TypedConstantKind.Enum) || given.Value is not { } value)
        {
            return null;
        }

        if (enumeration is not null)
        {
            return given.Kind == TypedConstantKind.Enum && SymbolEqualityComparer.Default.Equals(given.Type, enumeration)
                && enumeration.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(f => f.HasConstantValue && Equals(f.ConstantValue, value)) is { } member
                ? OfText(member.Name)
                : null;
        }

        return given.Kind == TypedConstantKind.Enum ? null : (column.Kind.Name, value) switch
        {
            ("Bool", bool truth) => new DefaultValue(Code.Truth(truth), truth ? "1" : "0"),
            ("Text", string text) => OfText(text),
            ("Category", string text) => column.Categories.Contains(text) ? OfText(text) : null,
            ("Timestamp", string text) => OfTime(text),
            ("Guid", string text) => Guid.TryParseExact(text, "D", out var guid) ? new DefaultValue($"global::System.Guid.Parse({Code.Text(guid.ToString())})", guid.ToString()) : null,
            (_, float number) when column.Kind.IsFraction => OfNumber(number),
            (_, double number) when column.Kind.IsFraction => OfNumber(number),
            (_, sbyte or short or int or long or byte or ushort or uint or ulong) when column.Kind.IsFraction || column.Kind.IsInteger => OfInteger(column.Kind.Name, Convert.ToDecimal(value, CultureInfo.InvariantCulture)),
            _ => null,
        };
    }

    private static DefaultValue OfText(string text) => new(Code.Text(text), Uri.EscapeDataString(text));

    private static DefaultValue? OfTime(string text)
    {
        if (!DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
        {
            return null;
        }

        var micros = (time.Ticks - new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks) / 10;
        return new DefaultValue($"new global::System.DateTime({Code.Number(time.Ticks)}L, global::System.DateTimeKind.Utc)", Code.Number(micros));
    }

    private static DefaultValue OfNumber(double number)
    {
        var text = Code.RoundTrip(number);
        var literal = double.IsNaN(number) ? "double.NaN" : double.IsPositiveInfinity(number) ? "double.PositiveInfinity" : double.IsNegativeInfinity(number) ? "double.NegativeInfinity" : text + "d";
        return new DefaultValue(literal, text);
    }

    private static DefaultValue? OfInteger(string kind, decimal number)
    {
        var (min, max) = kind switch
        {
            "Int8" => (sbyte.MinValue, sbyte.MaxValue),
            "Int16" => (short.MinValue, short.MaxValue),
            "Int32" => (int.MinValue, int.MaxValue),
            "UInt8" => (byte.MinValue, byte.MaxValue),
            "UInt16" => (ushort.MinValue, ushort.MaxValue),
            "UInt32" => (uint.MinValue, uint.MaxValue),
            "UInt64" => (ulong.MinValue, ulong.MaxValue),
            _ => ((decimal)long.MinValue, (decimal)long.MaxValue),
        };
        if (number < min || number > max)
        {
            return null;
        }

        var text = number.ToString(CultureInfo.InvariantCulture);
        var literal = number > long.MaxValue ? text + "UL" : number == long.MinValue ? "long.MinValue" : text + "L";
        return new DefaultValue(literal, text);
    }
}
