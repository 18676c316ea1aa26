using System.Buffers.Binary;

namespace Mlp.Features;

/// <summary>Collects a column of a result, chunk by chunk, into arrays of its own.</summary>
internal abstract class ColumnBuffer(Column column, int rowsMax)
{
    private bool[]? _missing;

    protected Column Column { get; } = column;

    protected int RowsMax { get; } = rowsMax;

    protected int Count { get; private set; }

    public static ColumnBuffer Of(Column column, int rowsMax) => column.Type.Kind switch
    {
        ColumnKind.Bool => new TypedBuffer<bool, InPlace<bool>>(column, rowsMax, false),
        ColumnKind.Int8 => new TypedBuffer<sbyte, InPlace<sbyte>>(column, rowsMax, 0),
        ColumnKind.Int16 => new TypedBuffer<short, InPlace<short>>(column, rowsMax, 0),
        ColumnKind.Int32 or ColumnKind.Category => new TypedBuffer<int, InPlace<int>>(column, rowsMax, 0),
        ColumnKind.Int64 => new TypedBuffer<long, InPlace<long>>(column, rowsMax, 0),
        ColumnKind.UInt8 => new TypedBuffer<byte, InPlace<byte>>(column, rowsMax, 0),
        ColumnKind.UInt16 => new TypedBuffer<ushort, InPlace<ushort>>(column, rowsMax, 0),
        ColumnKind.UInt32 => new TypedBuffer<uint, InPlace<uint>>(column, rowsMax, 0),
        ColumnKind.UInt64 => new TypedBuffer<ulong, InPlace<ulong>>(column, rowsMax, 0),
        ColumnKind.Half => new TypedBuffer<Half, HalfElements>(column, rowsMax, Half.NaN),
        ColumnKind.Float => new TypedBuffer<float, InPlace<float>>(column, rowsMax, float.NaN),
        ColumnKind.Double => new TypedBuffer<double, InPlace<double>>(column, rowsMax, double.NaN),
        ColumnKind.Timestamp => new TypedBuffer<DateTime, TimeElements>(column, rowsMax, DateTime.UnixEpoch),
        ColumnKind.Guid => new TypedBuffer<Guid, GuidElements>(column, rowsMax, Guid.Empty),
        _ => new TypedBuffer<string, TextElements>(column, rowsMax, ""),
    };

    /// <summary>Takes rows of a chunk.</summary>
    public void Append(DuckVector vector, int first, int count)
    {
        AppendValues(vector, first, count);
        for (var i = 0; i < count && vector.MayMiss; i++)
        {
            if (vector.IsMissing(first + i))
            {
                _missing ??= new bool[RowsMax];
                _missing[Count + i] = true;
                ClearValue(Count + i);
            }
        }

        Count += count;
    }

    /// <summary>Gives what was collected away, and begins anew.</summary>
    public FeatureColumn Take(string name)
    {
        var taken = TakeValues(name, _missing);
        _missing = null;
        Count = 0;
        return taken;
    }

    protected abstract void AppendValues(DuckVector vector, int first, int count);

    protected abstract void ClearValue(int row);

    protected abstract FeatureColumn TakeValues(string name, bool[]? missing);

    /// <summary>How elements come out of a vector.</summary>
    protected interface IElements<T>
    {
        static abstract void Copy(DuckVector vector, int first, Span<T> destination);
    }

    protected readonly struct InPlace<T> : IElements<T>
        where T : unmanaged
    {
        public static void Copy(DuckVector vector, int first, Span<T> destination) => vector.Values<T>(first, destination.Length).CopyTo(destination);
    }

    protected readonly struct HalfElements : IElements<Half>
    {
        public static void Copy(DuckVector vector, int first, Span<Half> destination)
        {
            var values = vector.Values<float>(first, destination.Length);
            for (var i = 0; i < values.Length; i++)
            {
                destination[i] = (Half)values[i];
            }
        }
    }

    protected readonly struct TimeElements : IElements<DateTime>
    {
        public static void Copy(DuckVector vector, int first, Span<DateTime> destination)
        {
            var micros = vector.Values<long>(first, destination.Length);
            for (var i = 0; i < micros.Length; i++)
            {
                destination[i] = vector.IsMissing(first + i) ? DateTime.UnixEpoch : FeatureTime.FromMicros(micros[i]);
            }
        }
    }

    protected readonly struct GuidElements : IElements<Guid>
    {
        public static void Copy(DuckVector vector, int first, Span<Guid> destination)
        {
            // 128 bits, the lower half first; their first bit is turned, so that they sort as signed integers.
            var halves = vector.Values<ulong>(2 * first, 2 * destination.Length);
            Span<byte> bytes = stackalloc byte[16];
            for (var i = 0; i < destination.Length; i++)
            {
                BinaryPrimitives.WriteUInt64BigEndian(bytes, halves[(2 * i) + 1] ^ (1UL << 63));
                BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], halves[2 * i]);
                destination[i] = new Guid(bytes, bigEndian: true);
            }
        }
    }

    protected readonly struct TextElements : IElements<string>
    {
        public static void Copy(DuckVector vector, int first, Span<string> destination)
        {
            for (var i = 0; i < destination.Length; i++)
            {
                destination[i] = vector.IsMissing(first + i) ? "" : vector.Text(first + i);
            }
        }
    }

    private sealed class TypedBuffer<T, TElements>(Column column, int rowsMax, T missing) : ColumnBuffer(column, rowsMax)
        where TElements : struct, IElements<T>
    {
        private readonly int _width = Math.Max(1, column.Type.VectorLength);
        private T[] _values = new T[column.Type.IsList ? 0 : rowsMax * Math.Max(1, column.Type.VectorLength)];
        private int[]? _offsets = column.Type.IsList ? new int[rowsMax + 1] : null;

        protected override void AppendValues(DuckVector vector, int first, int count)
        {
            if (_offsets is not null)
            {
                AppendLists(vector, first, count);
                return;
            }

            TElements.Copy(_width > 1 || Column.Type.VectorLength > 0 ? vector.ArrayElements : vector, first * _width, _values.AsSpan(Count * _width, count * _width));
        }

        protected override void ClearValue(int row)
        {
            if (_offsets is null)
            {
                _values.AsSpan(row * _width, _width).Fill(missing);
            }
        }

        protected override FeatureColumn TakeValues(string name, bool[]? missing)
        {
            var taken = new FeatureColumn(name, Column, Count, _values, missing, _offsets);
            _values = new T[_offsets is null ? _values.Length : 0];
            _offsets = _offsets is null ? null : new int[RowsMax + 1];
            return taken;
        }

        private void AppendLists(DuckVector vector, int first, int count)
        {
            var elements = vector.ListElements;
            for (var i = 0; i < count; i++)
            {
                var begin = _offsets![Count + i];
                var (at, length) = vector.IsMissing(first + i) ? (0, 0) : vector.List(first + i);
                if (_values.Length < begin + length)
                {
                    Array.Resize(ref _values, Math.Max(begin + length, 2 * _values.Length));
                }

                TElements.Copy(elements, at, _values.AsSpan(begin, length));
                _offsets[Count + i + 1] = begin + length;
            }
        }
    }
}
