using System.Runtime.InteropServices;
using Mlp.Core;

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

    /// <summary>The rows of an input of float32.</summary>
    /// <param name="input">Index in the signature.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the input has another element type.</exception>
    public Span<float> Input(int input = 0) => _memory.Layout.IsFloat ? _memory.InputRows(input, _first, Rows) : Input<float>(input);

    /// <summary>The rows of an input.</summary>
    /// <typeparam name="T">As its element type is read, see <see cref="ElementTypes.Holds{T}"/>.</typeparam>
    /// <param name="input">Index in the signature.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the input has another element type.</exception>
    public Span<T> Input<T>(int input)
        where T : unmanaged
    {
        RowErrors.CheckType<T>(_memory.Layout.Inputs[input]);
        return MemoryMarshal.Cast<byte, T>(_memory.InputBytes(input, _first, Rows));
    }

    /// <summary>The rows of an input of strings.</summary>
    /// <param name="input">Index in the signature.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the input has another element type.</exception>
    public Span<string> InputTexts(int input) => _memory.InputTexts(input, _first, Rows);

    internal Span<byte> InputBytes(int input) => _memory.InputBytes(input, _first, Rows);

    internal void Give(IReadOnlyList<ModelValue> values, DeviceCall? device) => (_memory.Given, _memory.Device) = (values, device);

    internal void Write(ReadOnlySpan<float> rows) => _memory.WriteRows(rows, _first, Rows);
}
