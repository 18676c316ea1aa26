using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>A row from the floats that it has in a tensor, where every column has some.</summary>
internal static class FloatRow
{
    /// <summary>Writes a row.</summary>
    /// <param name="schema">Its columns.</param>
    /// <param name="floats">As many as it has in a tensor; NaN is a missing value where the column is nullable.</param>
    /// <param name="row">Gets its fixed part.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.RowInvalid"/>: a column has no floats, or a float is no value of its column.</exception>
    public static void Write(RowSchema schema, ReadOnlySpan<float> floats, Span<byte> row)
    {
        row.Clear();
        if (schema.IsFloats)
        {
            MemoryMarshal.AsBytes(floats).CopyTo(row);
            return;
        }

        foreach (ref readonly var field in schema.Fields)
        {
            if (field.FirstFloat < 0)
            {
                throw InvalidRow.Of($"A row of '{schema.Canonical}' cannot be made of floats: '{field.Column.Name}' has none.");
            }

            var type = field.Column.Type;
            var values = floats.Slice(field.FirstFloat, type.FloatCount);
            if (field.NullBit >= 0 && float.IsNaN(values[0]))
            {
                RowElements.SetMissing(row, field);
                continue;
            }

            for (var e = 0; e < values.Length; e++)
            {
                Write(row[(field.Offset + (e * ColumnType.ElementBytes(type.Kind)))..], field.Column, values[e]);
            }
        }
    }

    private static void Write(Span<byte> place, Column column, float value)
    {
        var fits = column.Type.Kind switch
        {
            ColumnKind.Float => Fits(place, value),
            ColumnKind.Double => Fits(place, (double)value),
            ColumnKind.Half => Fits(place, (Half)value),
            ColumnKind.Int64 => Whole<long>(place, value),
            ColumnKind.UInt64 => Whole<ulong>(place, value),
            ColumnKind.Int32 => Whole<int>(place, value),
            ColumnKind.UInt32 => Whole<uint>(place, value),
            ColumnKind.Int16 => Whole<short>(place, value),
            ColumnKind.UInt16 => Whole<ushort>(place, value),
            ColumnKind.Int8 => Whole<sbyte>(place, value),
            ColumnKind.UInt8 => Whole<byte>(place, value),
            ColumnKind.Bool => value is 0 or 1 && Whole<byte>(place, value),
            _ => value < column.Categories.Length && Whole<int>(place, value) && value >= 0,
        };
        if (!fits)
        {
            throw InvalidRow.Of(FormattableString.Invariant($"A row has the float {value} for '{column.Name}', which is {column.Type}."));
        }
    }

    private static bool Fits<T>(Span<byte> place, T value)
        where T : unmanaged
    {
        Unsafe.WriteUnaligned(ref place[0], value);
        return true;
    }

    private static bool Whole<T>(Span<byte> place, float value)
        where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        // The largest value of a wide type stands for the float that it is rounded to.
        var whole = T.CreateSaturating(value);
        return double.CreateTruncating(whole) == value && Fits(place, whole);
    }
}
