using System.Runtime.InteropServices;

namespace Mlp.Edge;

/// <summary>What an operator sees of a run: the buffers of the session, cut to the rows of the batch.</summary>
internal readonly ref struct EdgeFrame(ReadOnlySpan<Memory<byte>> buffers, int rows)
{
    private readonly ReadOnlySpan<Memory<byte>> _buffers = buffers;

    public int Rows { get; } = rows;

    public Span<float> Floats(EdgeValue value) => MemoryMarshal.Cast<byte, float>(_buffers[value.Slot].Span)[..(Rows * value.Width)];

    public Span<double> Doubles(EdgeValue value) => MemoryMarshal.Cast<byte, double>(_buffers[value.Slot].Span)[..(Rows * value.Width)];

    public Span<long> Longs(EdgeValue value) => MemoryMarshal.Cast<byte, long>(_buffers[value.Slot].Span)[..(Rows * value.Width)];
}
