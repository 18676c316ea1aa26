using System.Buffers.Binary;
using K4os.Compression.LZ4;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>A row as it lies in a record: a long tail is compressed (LZ4), if that makes it shorter.</summary>
/// <param name="compressedFromBytes">A tail of that many bytes or more is.</param>
internal sealed class RowStorage(int compressedFromBytes)
{
    private byte[] _buffer = [];

    /// <summary>The bytes that are stored of a row. They are good until the next call.</summary>
    /// <param name="plan">The view's records.</param>
    /// <param name="row">The row.</param>
    /// <param name="tag">What the record says of it.</param>
    public ReadOnlySpan<byte> Store(LatestPlan plan, ReadOnlySpan<byte> row, out long tag)
    {
        tag = 0;
        var tail = row[plan.FixedBytes..];
        if (plan.Schema.IsFloats || tail.Length < compressedFromBytes || tail.Length == 0)
        {
            return plan.Schema.IsFloats ? row[..plan.FixedBytes] : row;
        }

        if (_buffer.Length < row.Length)
        {
            _buffer = new byte[row.Length];
        }

        var compressed = LZ4Codec.Encode(tail, _buffer.AsSpan(plan.FixedBytes, tail.Length - 1));
        if (compressed <= 0)
        {
            return row;
        }

        row[..plan.FixedBytes].CopyTo(_buffer);
        tag = LatestPlan.Compressed;
        return _buffer.AsSpan(0, plan.FixedBytes + compressed);
    }

    /// <summary>Bytes of the row that a record holds.</summary>
    public static int RowBytes(LatestPlan plan, ReadOnlySpan<byte> record) =>
        plan.Schema.HasTail ? BinaryPrimitives.ReadInt32LittleEndian(record[plan.LengthsAt..]) : plan.Schema.FixedBytes;

    /// <summary>A record's row.</summary>
    public static byte[] RowOf(LatestPlan plan, ReadOnlySpan<byte> record)
    {
        var row = new byte[RowBytes(plan, record)];
        Restore(plan, record, row);
        return row;
    }

    /// <summary>Brings a record's row back.</summary>
    /// <param name="plan">The view's records.</param>
    /// <param name="record">The record.</param>
    /// <param name="row"><see cref="RowBytes"/> of it.</param>
    public static void Restore(LatestPlan plan, ReadOnlySpan<byte> record, Span<byte> row)
    {
        var stored = record[plan.RowAt..];
        if ((BinaryPrimitives.ReadInt64LittleEndian(record) & LatestPlan.Compressed) == 0)
        {
            stored.CopyTo(row);
            row[stored.Length..].Clear();
            return;
        }

        stored[..plan.FixedBytes].CopyTo(row);
        var tail = row[plan.FixedBytes..];
        if (LZ4Codec.Decode(stored[plan.FixedBytes..], tail) != tail.Length)
        {
            throw new MlpException(FeatureErrors.StoreDamaged, $"A row's compressed part does not have the {tail.Length} bytes that its record states: remove the folder and materialise again.");
        }
    }
}
