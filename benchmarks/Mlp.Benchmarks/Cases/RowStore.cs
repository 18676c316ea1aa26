using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Mlp.Benchmarks;

/// <summary>Another store of rows under numbers: each a blob of when it became known and its floats, as in ours.</summary>
internal abstract class RowStore : IDisposable
{
    /// <summary>Bytes of a row.</summary>
    protected const int RowBytes = sizeof(long) + (FeatureRows.Width * sizeof(float));

    /// <summary>What is measured, with its version.</summary>
    public abstract string Name { get; }

    /// <summary>Puts the rows of these numbers.</summary>
    public abstract void Fill(int entities);

    /// <summary>Reads a row.</summary>
    public abstract bool Read(long id, Span<float> row);

    /// <summary>Reads many rows, the best way there is.</summary>
    public abstract bool ReadMany(ReadOnlySpan<long> ids, Span<float> rows);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Some of the rows are as they were put.</summary>
    public void Check(int entities)
    {
        var rows = new float[FeatureRows.Together * FeatureRows.Width];
        Span<float> expected = stackalloc float[FeatureRows.Width];
        var ids = new long[FeatureRows.Together];
        for (var first = 0; first < entities; first += 7 * FeatureRows.Together)
        {
            for (var i = 0; i < ids.Length; i++)
            {
                ids[i] = Math.Min(first + (i * 7), entities - 1);
            }

            FeatureRows.Require(ReadMany(ids, rows));
            for (var i = 0; i < ids.Length; i++)
            {
                FeatureRows.Expected(ids[i], expected);
                FeatureRows.Require(rows.AsSpan(i * FeatureRows.Width, FeatureRows.Width), expected, ids[i], Name);
            }

            FeatureRows.Require(Read(ids[0], rows.AsSpan(0, FeatureRows.Width)));
            FeatureRows.Expected(ids[0], expected);
            FeatureRows.Require(rows.AsSpan(0, FeatureRows.Width), expected, ids[0], Name);
        }
    }

    protected static byte[] RowOf(long id)
    {
        var bytes = new byte[RowBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, FeatureRows.Known.Ticks);
        FeatureRows.Expected(id, MemoryMarshal.Cast<byte, float>(bytes.AsSpan(sizeof(long))));
        return bytes;
    }

    /// <summary>The floats of a row.</summary>
    protected static bool Copy(ReadOnlySpan<byte> bytes, Span<float> row)
    {
        if (bytes.Length != RowBytes)
        {
            return false;
        }

        MemoryMarshal.Cast<byte, float>(bytes[sizeof(long)..]).CopyTo(row);
        return true;
    }

    protected static byte[] KeyOf(long id)
    {
        var key = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(key, id);
        return key;
    }
}
