using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mlp.Edge;

/// <summary>What an operator sees of a run: the buffers of the session, cut to the rows of the batch.</summary>
internal readonly ref struct EdgeFrame(ReadOnlySpan<Memory<byte>> buffers, ReadOnlySpan<string[]?> texts, int rows)
{
    private readonly ReadOnlySpan<Memory<byte>> _buffers = buffers;
    private readonly ReadOnlySpan<string[]?> _texts = texts;

    public int Rows { get; } = rows;

    public Span<float> Floats(EdgeValue value) => Of<float>(value);

    public Span<double> Doubles(EdgeValue value) => Of<double>(value);

    public Span<long> Longs(EdgeValue value) => Of<long>(value);

    /// <summary>Elements as they are stored; a <see cref="byte"/> for a Bool.</summary>
    public Span<T> Of<T>(EdgeValue value)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(_buffers[value.Slot].Span)[..(Rows * value.Width)];

    /// <summary>Elements as bytes, so many for each.</summary>
    public Span<byte> Bytes(EdgeValue value, int elementBytes) => _buffers[value.Slot].Span[..(Rows * value.Width * elementBytes)];

    /// <summary>Texts that are not known before the model runs, which an operator writes.</summary>
    public Span<string> Texts(EdgeValue value) => _texts[value.Slot].AsSpan(0, Rows * value.Width)!;

    /// <summary>One of a value's texts, however they are held.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public string Text(EdgeValue value, int index) => value.Texts is { } known ? known[Longs(value)[index]] : _texts[value.Slot]![index];
}
