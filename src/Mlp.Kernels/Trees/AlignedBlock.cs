using System.Runtime.CompilerServices;

namespace Mlp.Kernels;

/// <summary>Memory that stays where it is and begins at a cache line: a 64-byte load that crosses two lines costs twice.</summary>
/// <remarks>The collector owns it, so nothing has to be disposed; whoever reads through <see cref="Start"/> keeps this object alive.</remarks>
internal sealed unsafe class AlignedBlock
{
    /// <summary>Bytes of a cache line, and of the widest vector.</summary>
    public const int Line = 64;

    private readonly byte[] _memory;

    /// <summary>Takes zeroed memory.</summary>
    public AlignedBlock(long bytes)
    {
        _memory = GC.AllocateArray<byte>(checked((int)(bytes + Line)), pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref _memory[0]);
        Start = (byte*)((address + Line - 1) & ~(nuint)(Line - 1));
        Length = bytes;
    }

    /// <summary>The first byte; a multiple of <see cref="Line"/>.</summary>
    public byte* Start { get; }

    /// <summary>Bytes that may be used.</summary>
    public long Length { get; }
}
