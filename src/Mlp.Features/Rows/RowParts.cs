using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>What the code of declared rows is made with; of no use to people.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class RowParts
{
    /// <summary>Bytes of a text behind the fixed part.</summary>
    public static int SizeOf(string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        return TailHeader.TextBytes(bytes) + bytes;
    }

    /// <summary>Bytes of a list behind the fixed part.</summary>
    public static int SizeOf<T>(ReadOnlySpan<T> list)
    {
        var bytes = TailHeader.ListBytes(list.Length);
        foreach (var element in list)
        {
            bytes += TailElement.SizeOf(element);
        }

        return bytes;
    }

    /// <summary>Writes a text behind what is there.</summary>
    public static TailRange Write(Span<byte> row, ref int end, string text)
    {
        var start = end;
        var bytes = Encoding.UTF8.GetByteCount(text);
        end += TailElement.WriteText(From(row, start, TailHeader.TextBytes(bytes) + bytes), text, bytes);
        return new TailRange(start, end - start);
    }

    /// <summary>Writes a list behind what is there.</summary>
    public static TailRange Write<T>(Span<byte> row, ref int end, ReadOnlySpan<T> list, string column)
    {
        var start = end;
        end += TailHeader.WriteList(From(row, start, TailHeader.ListBytes(list.Length)), list.Length);
        foreach (var element in list)
        {
            end += element is null ? throw NoValue(column) : TailElement.Write(From(row, end, TailElement.SizeOf(element)), element);
        }

        return new TailRange(start, end - start);
    }

    /// <summary>Reads a text.</summary>
    public static string Text(ReadOnlySpan<byte> row, int fixedBytes, TailRange range, string column)
    {
        var bytes = Of(row, fixedBytes, range, column);
        return TailElement.TryReadText(ref bytes, out var text) && bytes.IsEmpty ? text : throw Damaged(column);
    }

    /// <summary>Reads a list.</summary>
    public static T[] List<T>(ReadOnlySpan<byte> row, int fixedBytes, TailRange range, string column)
    {
        var bytes = Of(row, fixedBytes, range, column);

        // An element has a byte at least: a count that could not be there takes no memory.
        if (!TailHeader.TryReadList(ref bytes, out var count) || count > bytes.Length)
        {
            throw Damaged(column);
        }

        var list = new T[count];
        foreach (ref var element in list.AsSpan())
        {
            if (!TailElement.TryRead(ref bytes, out element))
            {
                throw Damaged(column);
            }
        }

        return bytes.IsEmpty ? list : throw Damaged(column);
    }

    /// <summary>Reads a row's fixed part.</summary>
    public static TRow Fixed<TRow>(ReadOnlySpan<byte> row)
        where TRow : unmanaged => row.Length >= Unsafe.SizeOf<TRow>()
            ? MemoryMarshal.Read<TRow>(row)
            : throw InvalidRow.Of($"A row has {row.Length} bytes; expected at least {Unsafe.SizeOf<TRow>()}.");

    /// <summary>Writes a row's fixed part.</summary>
    public static void WriteFixed<TRow>(Span<byte> row, in TRow value)
        where TRow : unmanaged => MemoryMarshal.Write(From(row, 0, Unsafe.SizeOf<TRow>()), value);

    /// <summary>Copies a vector.</summary>
    public static void Copy<T>(ReadOnlySpan<T> from, Span<T> to, string column)
    {
        if (from.Length != to.Length)
        {
            throw InvalidRow.Of($"A row has a vector of {from.Length} elements for '{column}'; expected {to.Length}.");
        }

        if (typeof(T) == typeof(float) || typeof(T) == typeof(double) || typeof(T) == typeof(Half))
        {
            for (var i = 0; i < from.Length; i++)
            {
                to[i] = TailElement.Number(from[i]);
            }

            return;
        }

        from.CopyTo(to);
    }

    /// <summary>A number; of all that are none the one that rows have.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Number<T>(T value)
        where T : struct => TailElement.Number(value);

    /// <summary>A moment's microseconds.</summary>
    public static long Micros(DateTime time) => FeatureTime.Micros(time);

    /// <summary>The moment of microseconds.</summary>
    public static DateTime Time(long micros, string column) => micros >= FeatureTime.MicrosMin && micros <= FeatureTime.MicrosMax
        ? FeatureTime.FromMicros(micros)
        : throw InvalidRow.Of($"A row has {micros} µs since 1970 for '{column}', outside of the years 1 to 9999.");

    /// <summary>The error of a value that is none of a column's categories.</summary>
    public static MlpException NoCategory(string column, object? value) => InvalidRow.Of($"A row has the category '{value}' for '{column}', which has no such.");

    /// <summary>The error of a value that is missing where it may not be.</summary>
    public static MlpException NoValue(string column) => InvalidRow.Of($"A row has no value for '{column}', or for an element of it, which is not nullable.");

    private static MlpException Damaged(string column) => InvalidRow.Of($"The value of '{column}' is damaged.");

    private static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> row, int fixedBytes, TailRange range, string column) =>
        range.Offset >= fixedBytes && range.Length > 0 && range.Length <= row.Length - range.Offset
            ? row.Slice(range.Offset, range.Length)
            : throw InvalidRow.Of($"The value of '{column}' lies at {range.Offset} and has {range.Length} bytes, in a row of {row.Length}.");

    private static Span<byte> From(Span<byte> row, int start, int needed) => needed <= row.Length - start
        ? row[start..]
        : throw new ArgumentException($"{row.Length} bytes are too few for the row; take ByteCount.", nameof(row));
}
