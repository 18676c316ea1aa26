using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Core.Tests.Tensors;

public class AlignedMemoryTests
{
    [Fact]
    public void Buffers_of_every_length_start_on_a_cache_line()
    {
        for (var length = 0; length < 257; length++)
        {
            Check<byte>(length);
            Check<short>(length);
            Check<float>(length);
            Check<double>(length);
        }
    }

    private static void Check<T>(int length)
        where T : unmanaged
    {
        var memory = AlignedMemory.Allocate<T>(length);
        Assert.Equal(length, memory.Length);
        Assert.True(MemoryMarshal.TryGetArray<T>(memory, out var segment));
        Assert.Equal(0, Marshal.UnsafeAddrOfPinnedArrayElement(segment.Array!, segment.Offset) % AlignedMemory.AlignmentBytes);
    }
}
