using System.Buffers.Binary;
using System.Text;

namespace Mlp.Features.Tests.Scenarios;

/// <summary>Values as bytes whose order is that of the values: another way to say which of two is the larger.</summary>
internal static class ValueKeys
{
    public static FeatureValue Larger(Column column, FeatureValue a, FeatureValue b) => Compare(Keys(column, a), Keys(column, b)) >= 0 ? a : b;

    private static int Compare(byte[][] a, byte[][] b)
    {
        for (var i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            if (a[i].AsSpan().SequenceCompareTo(b[i]) is var order && order != 0)
            {
                return order;
            }
        }

        return a.Length - b.Length;
    }

    private static byte[][] Keys(Column column, FeatureValue value) =>
        value.IsMissing ? []
        : column.Type.Kind == ColumnKind.Category ? [[0], [(byte)column.Categories.IndexOf(value.Text!)]]
        : value.Elements is { } elements ? [[0], .. elements.Cast<object>().Select(Key)]
        : [[0], Key(column.Type.Kind switch
        {
            ColumnKind.Text => value.Text!,
            ColumnKind.Half or ColumnKind.Float or ColumnKind.Double => value.Number,
            ColumnKind.UInt64 => (ulong)value.Integer,
            ColumnKind.Guid => value.Guid,
            _ => value.Integer,
        })];

    private static byte[] Key(object element) => element switch
    {
        string text => Encoding.UTF8.GetBytes(text),
        Guid guid => Encoding.UTF8.GetBytes(guid.ToString()),
        DateTime time => Number(time.Ticks),
        bool yes => [yes ? (byte)1 : (byte)0],
        ulong large => Number(large),
        System.Half or float or double => Fraction(Convert.ToDouble(element is System.Half half ? (double)half : element)),
        _ => Number(Convert.ToInt64(element)),
    };

    private static byte[] Fraction(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        return double.IsNaN(value) ? [0] : [1, .. Number(bits < 0 ? ~(ulong)bits : (ulong)bits | (1UL << 63))];
    }

    private static byte[] Number(long value) => Number((ulong)value ^ (1UL << 63));

    private static byte[] Number(ulong value)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes;
    }
}
