namespace Mlp.Inference;

/// <summary>Writes a row into its place in the next batch. It runs on the caller's thread, and its batch waits for it: copy and compute, nothing else.</summary>
/// <typeparam name="TState">What the row is made of.</typeparam>
/// <param name="slot">Where the row goes; holds what an earlier batch left, so every element has to be written.</param>
/// <param name="state">What the caller gave.</param>
public delegate void RowWriter<in TState>(RowSlot slot, TState state);

/// <summary>A place in the next batch.</summary>
public readonly ref struct RowSlot
{
    private readonly ModelMemory _memory;
    private readonly int _first;

    internal RowSlot(ModelMemory memory, int first, int rows)
    {
        _memory = memory;
        _first = first;
        Rows = rows;
    }

    /// <summary>Number of rows; 1 for a request of one row.</summary>
    public int Rows { get; }

    /// <summary>The rows of an input.</summary>
    /// <param name="input">Index in the signature.</param>
    public Span<float> Input(int input = 0) => _memory.InputRows(input, _first, Rows);

    internal void Write(ReadOnlySpan<float> rows) => _memory.WriteRows(rows, _first, Rows);
}
