using System.Buffers.Binary;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>Whether bytes are those of a row, before they are kept.</summary>
internal static class RowCheck
{
    /// <exception cref="MlpException"><see cref="FeatureErrors.RowInvalid"/>: they are none.</exception>
    public static void Require(RowSchema schema, ReadOnlySpan<byte> row)
    {
        if (row.Length < schema.FixedBytes || (!schema.HasTail && row.Length > schema.FixedBytes))
        {
            throw InvalidRow.Of($"A row has {row.Length} bytes; expected {schema.FixedBytes}{(schema.HasTail ? " and its texts and lists" : "")}: {schema.Canonical}.");
        }

        if (schema.IsFloats)
        {
            return;
        }

        var end = schema.FixedBytes;
        foreach (ref readonly var field in schema.Fields)
        {
            if (field.Column.Type.IsVariable)
            {
                end = RequireTail(schema, row, field, end);
            }
            else if (!RowElements.IsMissing(row, field))
            {
                RequireElements(row[field.Offset..], field.Column);
            }
        }

        if (end != row.Length)
        {
            throw InvalidRow.Of($"A row's texts and lists end at {end}, and it has {row.Length} bytes.");
        }
    }

    // One value behind the other, so that equal rows have equal bytes.
    private static int RequireTail(RowSchema schema, ReadOnlySpan<byte> row, in RowField field, int from)
    {
        var offset = BinaryPrimitives.ReadInt32LittleEndian(row[field.Offset..]);
        if (RowElements.IsMissing(row, field))
        {
            return offset == 0 && BinaryPrimitives.ReadInt32LittleEndian(row[(field.Offset + sizeof(int))..]) == 0
                ? from
                : throw InvalidRow.Of($"The value of '{field.Column.Name}' is missing and lies at {offset}.");
        }

        var bytes = RowTail.Of(schema, row, field);
        if (offset != from)
        {
            throw InvalidRow.Of($"The value of '{field.Column.Name}' lies at {offset}; expected {from}, behind the one before.");
        }

        _ = RowTail.Read(bytes, field.Column);
        return offset + bytes.Length;
    }

    private static void RequireElements(ReadOnlySpan<byte> place, Column column)
    {
        switch (column.Type.Kind)
        {
            case ColumnKind.Bool when place[..Math.Max(1, column.Type.VectorLength)].ContainsAnyExceptInRange((byte)0, (byte)1):
                throw InvalidRow.Of($"A row has a byte for '{column.Name}' that is no bool: expected 0 or 1.");
            case ColumnKind.Category when (uint)BinaryPrimitives.ReadInt32LittleEndian(place) >= (uint)column.Categories.Length:
                throw InvalidRow.Of($"A row has the category {BinaryPrimitives.ReadInt32LittleEndian(place)} for '{column.Name}', which has {column.Categories.Length}.");
            case ColumnKind.Timestamp when BinaryPrimitives.ReadInt64LittleEndian(place) is var micros && (micros < FeatureTime.MicrosMin || micros > FeatureTime.MicrosMax):
                throw InvalidRow.Of($"A row has {micros} microseconds for '{column.Name}', which is no moment of the years 1 to 9999.");
        }
    }
}
