using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mlp.Features;

/// <summary>How a row becomes floats: copies that are worked out once, each of as many neighbours as are alike.</summary>
internal sealed class RowTensor
{
    private readonly Copy[] _copies;

    /// <summary>Works them out.</summary>
    /// <param name="schema">The rows'.</param>
    public RowTensor(RowSchema schema)
    {
        var copies = new List<Copy>();
        foreach (ref readonly var field in schema.Fields)
        {
            if (field.FirstFloat < 0)
            {
                continue;
            }

            var (kind, count) = (field.Column.Type.Kind, field.Column.Type.FloatCount);
            if (copies.Count > 0 && copies[^1] is var last && last.Kind == kind && last.NullBit < 0 && field.NullBit < 0
                && last.First + last.Count == field.FirstFloat && last.Offset + (last.Count * ColumnType.ElementBytes(kind)) == field.Offset)
            {
                copies[^1] = last with { Count = last.Count + count };
                continue;
            }

            copies.Add(new Copy(kind, field.Offset, field.FirstFloat, count, field.NullBit));
        }

        _copies = [.. copies];
    }

    private readonly record struct Copy(ColumnKind Kind, int Offset, int First, int Count, int NullBit);

    /// <summary>Writes a row's floats.</summary>
    /// <param name="row">Its fixed part.</param>
    /// <param name="floats">As many as the schema has.</param>
    public void Write(ReadOnlySpan<byte> row, Span<float> floats)
    {
        foreach (ref readonly var copy in _copies.AsSpan())
        {
            var destination = floats.Slice(copy.First, copy.Count);
            if (copy.NullBit >= 0 && (row[copy.NullBit >> 3] & (1 << (copy.NullBit & 7))) != 0)
            {
                destination.Fill(float.NaN);
                continue;
            }

            Convert(copy.Kind, row[copy.Offset..], destination);
        }
    }

    // Each is rounded once, from what is stored.
    private static void Convert(ColumnKind kind, ReadOnlySpan<byte> source, Span<float> floats)
    {
        switch (kind)
        {
            case ColumnKind.Float:
                source[..(floats.Length * sizeof(float))].CopyTo(MemoryMarshal.AsBytes(floats));
                break;
            case ColumnKind.Double:
                Convert<double>(source, floats);
                break;
            case ColumnKind.Half:
                Convert<System.Half>(source, floats);
                break;
            case ColumnKind.Int64:
                Convert<long>(source, floats);
                break;
            case ColumnKind.UInt64:
                Convert<ulong>(source, floats);
                break;
            case ColumnKind.Int32 or ColumnKind.Category:
                Convert<int>(source, floats);
                break;
            case ColumnKind.UInt32:
                Convert<uint>(source, floats);
                break;
            case ColumnKind.Int16:
                Convert<short>(source, floats);
                break;
            case ColumnKind.UInt16:
                Convert<ushort>(source, floats);
                break;
            case ColumnKind.Int8:
                Convert<sbyte>(source, floats);
                break;
            default:
                Convert<byte>(source, floats);
                break;
        }
    }

    private static void Convert<T>(ReadOnlySpan<byte> source, Span<float> floats)
        where T : unmanaged, System.Numerics.INumberBase<T>
    {
        for (var i = 0; i < floats.Length; i++)
        {
            floats[i] = float.CreateTruncating(Unsafe.ReadUnaligned<T>(ref Unsafe.AsRef(in source[i * Unsafe.SizeOf<T>()])));
        }
    }
}
