using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Edge.Tests.Models;

/// <summary>Constants of types that <see cref="OnnxTensor"/> only reads, made by way of a file.</summary>
internal static class OnnxTensors
{
    public static OnnxTensor Of(int[] values, params long[] shape) => Of(ElementType.Int32, MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), shape);

    public static OnnxTensor Of(bool[] values, params long[] shape) => Of(ElementType.Bool, MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), shape);

    // A tensor in the wire format: dims, data_type, name, raw_data, as one initializer of a graph without nodes.
    private static OnnxTensor Of(ElementType type, byte[] data, long[] shape)
    {
        var tensor = new List<byte>();
        foreach (var length in shape)
        {
            tensor.Add(0x08);
            Varint(tensor, length);
        }

        tensor.AddRange([0x10, (byte)type, 0x42, 1, (byte)'t', 0x4a]);
        Varint(tensor, data.Length);
        tensor.AddRange(data);
        var unread = new List<byte> { 0x2a };
        Varint(unread, tensor.Count);
        unread.AddRange(tensor);
        var file = new OnnxModel { Graph = new OnnxGraph { Unread = unread.ToArray() } }.Write();
        return OnnxModel.Read(file).Graph.Initializers["t"];
    }

    private static void Varint(List<byte> bytes, long value)
    {
        for (; value > 127; value >>= 7)
        {
            bytes.Add((byte)((value & 127) | 128));
        }

        bytes.Add((byte)value);
    }
}
