using System.Text;

namespace Mlp.Inference.Tests.Fakes;

/// <summary>Protocol Buffers' wire format, for what no C# property of a model has.</summary>
internal static class Wire
{
    /// <summary>Fields one after another.</summary>
    public static byte[] All(params byte[][] fields) => [.. fields.SelectMany(f => f)];

    public static byte[] Bytes(int field, byte[] content) => [.. Number(((ulong)field << 3) | 2), .. Number((ulong)content.Length), .. content];

    public static byte[] Message(int field, params byte[][] fields) => Bytes(field, All(fields));

    public static byte[] Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    public static byte[] Int(int field, long value) => [.. Number((ulong)field << 3), .. Number((ulong)value)];

    public static byte[] Ints(int field, params long[] values) => Bytes(field, [.. values.SelectMany(v => Number((ulong)v))]);

    private static List<byte> Number(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return bytes;
    }
}
