namespace Mlp.Inference;

/// <summary>Where a request's rows come from; a struct, so that each kind has code of its own and nothing is allocated.</summary>
internal interface IRowSource
{
    /// <summary>Whether writing is no more than a small copy, which may happen under the queue's lock.</summary>
    bool IsShort { get; }

    void Write(RowSlot slot);
}

internal readonly ref struct SpanRows(ReadOnlySpan<float> rows, int width) : IRowSource
{
    private const int ShortElements = 256;

    private readonly ReadOnlySpan<float> _rows = rows;

    public bool IsShort => _rows.Length <= ShortElements;

    // A request that is larger than the room in a batch gives as many rows as there is room for.
    public void Write(RowSlot slot) => slot.Write(_rows[..(slot.Rows * width)]);
}

internal readonly struct WrittenRow<TState>(RowWriter<TState> write, TState state) : IRowSource
{
    public bool IsShort => false;

    public void Write(RowSlot slot) => write(slot, state);
}

internal readonly struct TensorRowsSource(TensorRows rows, int first) : IRowSource
{
    public bool IsShort => false;

    public void Write(RowSlot slot) => rows.CopyInputs(first, slot);
}

internal readonly struct WholeCall(IReadOnlyList<ModelValue> values, DeviceCall? device) : IRowSource
{
    public bool IsShort => true;

    public void Write(RowSlot slot) => slot.Give(values, device);
}
