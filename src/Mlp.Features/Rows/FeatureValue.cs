using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Mlp.Features;

/// <summary>A value of a column, of any type; missing by default.</summary>
/// <remarks>What is small is kept in place; a text, a vector or a list by reference, and it must not be changed while the value is in use.</remarks>
[StructLayout(LayoutKind.Auto)]
public readonly struct FeatureValue
{
    private readonly long _bits;
    private readonly double _number;
    private readonly object? _reference;
    private readonly ColumnType _type;
    private readonly bool _isThere;

    private FeatureValue(ColumnType type, long bits, double number, object? reference)
    {
        _type = type;
        _bits = bits;
        _number = number;
        _reference = reference;
        _isThere = true;
    }

    /// <summary>The missing value.</summary>
    public static FeatureValue Missing => default;

    /// <summary>Whether it is missing.</summary>
    public bool IsMissing => !_isThere;

    /// <summary>Its type: integers are 64-bit, or unsigned 64-bit above what fits; numbers with a fraction 64-bit; a category is its text. Of no meaning where it is missing.</summary>
    public ColumnType Type => _type;

    /// <summary>The integer; of a bool 1 or 0, of a moment its microseconds since 1970.</summary>
    public long Integer => _bits;

    /// <summary>The number; of an integer, its value.</summary>
    public double Number => _number;

    /// <summary>The text; null where it is none.</summary>
    public string? Text => _reference as string;

    /// <summary>The elements of a vector or a list, as an <see cref="Array"/> of the elements' .NET type; null where it is neither.</summary>
    public Array? Elements => _reference as Array;

    /// <summary>The moment, UTC.</summary>
    public DateTime Time => FeatureTime.FromMicros(_bits);

    /// <summary>The GUID.</summary>
    public Guid Guid
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, _bits);
            BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], BitConverter.DoubleToInt64Bits(_number));
            return new Guid(bytes);
        }
    }

    /// <summary>As text, without loss, for canonical definitions.</summary>
    internal string Canonical => IsMissing ? "null"
        : Elements is { } elements ? $"[{string.Join(",", elements.Cast<object>().Select(e => e is string text ? $"\"{Uri.EscapeDataString(text)}\"" : Uri.EscapeDataString(Element(e))))}]"
        : Text is { } text ? Uri.EscapeDataString(text)
        : _type.Kind switch
        {
            ColumnKind.Double => _number.ToString("R", CultureInfo.InvariantCulture),
            ColumnKind.UInt64 => ((ulong)_bits).ToString(CultureInfo.InvariantCulture),
            ColumnKind.Guid => Guid.ToString(),
            _ => _bits.ToString(CultureInfo.InvariantCulture),
        };

    /// <summary>An integer.</summary>
    public static implicit operator FeatureValue(long value) => new(ColumnType.Integer, value, value, null);

    /// <summary>An unsigned integer.</summary>
    public static implicit operator FeatureValue(ulong value) => value <= long.MaxValue ? (long)value : new FeatureValue(ColumnType.Of(ColumnKind.UInt64), (long)value, value, null);

    /// <summary>A bool.</summary>
    public static implicit operator FeatureValue(bool value) => new(ColumnType.Of(ColumnKind.Bool), value ? 1 : 0, value ? 1 : 0, null);

    /// <summary>A number.</summary>
    public static implicit operator FeatureValue(double value) => new(ColumnType.Number, 0, value, null);

    /// <summary>A text or a category; missing where it is null.</summary>
    public static implicit operator FeatureValue(string? value) => value is null ? default : new FeatureValue(ColumnType.Text, 0, double.NaN, value);

    /// <summary>A moment; a local one is converted, one without a kind is UTC.</summary>
    public static implicit operator FeatureValue(DateTime value) => new(ColumnType.Of(ColumnKind.Timestamp), FeatureTime.Micros(value), double.NaN, null);

    /// <summary>A GUID.</summary>
    public static implicit operator FeatureValue(Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes);
        return new FeatureValue(ColumnType.Of(ColumnKind.Guid), BinaryPrimitives.ReadInt64LittleEndian(bytes), BitConverter.Int64BitsToDouble(BinaryPrimitives.ReadInt64LittleEndian(bytes[8..])), null);
    }

    /// <summary>A vector or a list: an array of a column kind's .NET type (<see cref="bool"/>, integers, <see cref="System.Half"/>, <see cref="float"/>, <see cref="double"/>, <see cref="string"/>, <see cref="DateTime"/>, <see cref="System.Guid"/>).</summary>
    /// <exception cref="ArgumentException">The elements are of another type.</exception>
    public static FeatureValue Of(Array elements)
    {
        ArgumentNullException.ThrowIfNull(elements);
        return new FeatureValue(ColumnType.ListOf(KindOf(elements)), 0, double.NaN, elements);
    }

    /// <inheritdoc/>
    public override string ToString() => Canonical;

    private static string Element(object element) => element switch
    {
        float or double or System.Half => ((IFormattable)element).ToString("R", CultureInfo.InvariantCulture),
        DateTime time => FeatureTime.Micros(time).ToString(CultureInfo.InvariantCulture),
        _ => Convert.ToString(element, CultureInfo.InvariantCulture)!,
    };

    private static ColumnKind KindOf(Array elements) => elements switch
    {
        bool[] => ColumnKind.Bool,
        sbyte[] when elements.GetType() == typeof(sbyte[]) => ColumnKind.Int8,
        byte[] => ColumnKind.UInt8,
        short[] when elements.GetType() == typeof(short[]) => ColumnKind.Int16,
        ushort[] => ColumnKind.UInt16,
        int[] when elements.GetType() == typeof(int[]) => ColumnKind.Int32,
        uint[] => ColumnKind.UInt32,
        long[] when elements.GetType() == typeof(long[]) => ColumnKind.Int64,
        ulong[] => ColumnKind.UInt64,
        System.Half[] => ColumnKind.Half,
        float[] => ColumnKind.Float,
        double[] => ColumnKind.Double,
        string[] => ColumnKind.Text,
        DateTime[] => ColumnKind.Timestamp,
        Guid[] => ColumnKind.Guid,
        _ => throw new ArgumentException($"A vector or list of {elements.GetType().GetElementType()} is none of a column.", nameof(elements)),
    };
}
