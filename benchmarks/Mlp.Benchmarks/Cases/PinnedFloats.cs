using System.Runtime.InteropServices;

namespace Mlp.Benchmarks;

/// <summary>Floats that stay where they are, for peers that write through pointers.</summary>
internal sealed unsafe class PinnedFloats(int length) : IDisposable
{
    private readonly int _length = length;

    public float* Start { get; } = (float*)NativeMemory.AlignedAlloc((nuint)length * sizeof(float), 64);

    public Span<float> Span => new(Start, _length);

    public void Dispose() => NativeMemory.AlignedFree(Start);
}
