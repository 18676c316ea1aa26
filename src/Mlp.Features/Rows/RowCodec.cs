using System.Buffers;
using System.Buffers.Binary;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>A row's bytes from values and back, for whoever has no struct for it. See <see cref="RowSchema"/> for how a row lies.</summary>
public static class RowCodec
{
    /// <summary>Writes a row.</summary>
    /// <param name="schema">Its columns.</param>
    /// <param name="values">A value for each, in order.</param>
    /// <param name="destination">The fixed part goes here, then the texts and lists.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="MlpException"><see cref="FeatureErrors.RowInvalid"/>: a value does not fit its column.</exception>
    public static int Encode(RowSchema schema, ReadOnlySpan<FeatureValue> values, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(destination);
        Check(schema, values);
        var tail = schema.HasTail ? new ArrayBufferWriter<byte>() : null;
        var row = destination.GetSpan(schema.FixedBytes)[..schema.FixedBytes];
        row.Clear();
        for (var i = 0; i < values.Length; i++)
        {
            ref readonly var field = ref schema.Fields[i];
            if (values[i].IsMissing)
            {
                RowElements.SetMissing(row, field);
            }
            else if (field.Column.Type.IsVariable)
            {
                var before = tail!.WrittenCount;
                RowTail.Write(tail, field.Column.Type, values[i]);
                BinaryPrimitives.WriteInt32LittleEndian(row[field.Offset..], schema.FixedBytes + before);
                BinaryPrimitives.WriteInt32LittleEndian(row[(field.Offset + sizeof(int))..], tail.WrittenCount - before);
            }
            else
            {
                RowElements.Write(row[field.Offset..], field.Column, values[i]);
            }
        }

        destination.Advance(schema.FixedBytes);
        destination.Write(tail is null ? [] : tail.WrittenSpan);
        return schema.FixedBytes + (tail?.WrittenCount ?? 0);
    }

    /// <summary>Reads a row.</summary>
    /// <param name="schema">Its columns.</param>
    /// <param name="row">The row's bytes.</param>
    /// <param name="values">Gets a value for each column; integers and numbers are 64-bit, whatever the column's width.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.RowInvalid"/>: these are no bytes of such a row.</exception>
    public static void Decode(RowSchema schema, ReadOnlySpan<byte> row, Span<FeatureValue> values)
    {
        ArgumentNullException.ThrowIfNull(schema);
        if (values.Length != schema.Columns.Length || row.Length < schema.FixedBytes)
        {
            throw InvalidRow.Of($"{row.Length} bytes and {values.Length} values were given for a row of {schema.FixedBytes} fixed bytes and {schema.Columns.Length} columns.");
        }

        for (var i = 0; i < values.Length; i++)
        {
            ref readonly var field = ref schema.Fields[i];
            values[i] = RowElements.IsMissing(row, field) ? FeatureValue.Missing
                : field.Column.Type.IsVariable ? RowTail.Read(RowTail.Of(schema, row, field), field.Column)
                : RowElements.Read(row[field.Offset..], field.Column);
        }
    }

    /// <summary>Writes a row's floats, as they stand in a tensor; a missing value is NaN.</summary>
    /// <param name="schema">Its columns.</param>
    /// <param name="row">The row's bytes; the fixed part is enough.</param>
    /// <param name="floats"><see cref="RowSchema.FloatCount"/> of them.</param>
    public static void WriteFloats(RowSchema schema, ReadOnlySpan<byte> row, Span<float> floats)
    {
        ArgumentNullException.ThrowIfNull(schema);
        foreach (ref readonly var field in schema.Fields)
        {
            if (field.FirstFloat < 0)
            {
                continue;
            }

            var type = field.Column.Type;
            var target = floats.Slice(field.FirstFloat, type.FloatCount);
            if (RowElements.IsMissing(row, field))
            {
                target.Fill(float.NaN);
                continue;
            }

            for (var e = 0; e < target.Length; e++)
            {
                target[e] = RowElements.Float(row[(field.Offset + (e * ColumnType.ElementBytes(type.Kind)))..], type.Kind);
            }
        }
    }

    private static void Check(RowSchema schema, ReadOnlySpan<FeatureValue> values)
    {
        if (values.Length != schema.Columns.Length)
        {
            throw InvalidRow.Of($"{values.Length} values were given for a row of {schema.Columns.Length} columns: {schema.Canonical}.");
        }

        for (var i = 0; i < values.Length; i++)
        {
            if (ColumnFit.Refusal(schema.Columns[i], values[i]) is { } refusal)
            {
                throw InvalidRow.Of($"A row has {refusal}.");
            }
        }
    }
}
