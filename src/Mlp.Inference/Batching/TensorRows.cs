using System.Buffers;
using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>A request with all inputs and all outputs of a model: rows to fill in, and room for the answer. Rented; disposing gives it back.</summary>
public sealed class TensorRows : IDisposable
{
    private readonly byte[][] _inputs;
    private readonly byte[][] _outputs;
    private bool _disposed;

    /// <summary>Rents the memory.</summary>
    /// <param name="layout">The model's rows.</param>
    /// <param name="rows">Number of rows.</param>
    public TensorRows(ModelLayout layout, int rows)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        Layout = layout;
        Rows = rows;
        _inputs = Rent(layout.Inputs, rows);
        _outputs = Rent(layout.Outputs, rows);
    }

    /// <summary>The model's rows.</summary>
    public ModelLayout Layout { get; }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>The version that answered; empty until then.</summary>
    public string Version { get; internal set; } = "";

    /// <summary>An input's rows, to be written.</summary>
    /// <param name="input">Index in the signature.</param>
    public Span<float> Input(int input) => MemoryMarshal.Cast<byte, float>(Bytes(_inputs[input], Layout.Inputs[input]));

    /// <summary>An output's rows.</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="long"/>, as the layout says.</typeparam>
    /// <param name="output">Index in the signature.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the output has another element type.</exception>
    public ReadOnlySpan<T> Output<T>(int output)
        where T : unmanaged
    {
        var tensor = Layout.Outputs[output];
        return tensor.Type == (typeof(T) == typeof(float) ? ElementType.Float32 : typeof(T) == typeof(long) ? ElementType.Int64 : ElementType.Undefined)
            ? MemoryMarshal.Cast<byte, T>(Bytes(_outputs[output], tensor))
            : throw new MlpException(ErrorCodes.TensorMismatch, $"The output '{tensor.Name}' of {tensor.Type.Name()} was read as {typeof(T).Name}.");
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        foreach (var buffer in _inputs)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        foreach (var buffer in _outputs)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    internal Span<byte> OutputBytes(int output) => Bytes(_outputs[output], Layout.Outputs[output]);

    private static byte[][] Rent(ReadOnlySpan<TensorLayout> tensors, int rows)
    {
        var buffers = new byte[tensors.Length][];
        for (var i = 0; i < buffers.Length; i++)
        {
            buffers[i] = ArrayPool<byte>.Shared.Rent(checked(tensors[i].RowBytes * rows));
        }

        return buffers;
    }

    private Span<byte> Bytes(byte[] buffer, TensorLayout tensor)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return buffer.AsSpan(0, tensor.RowBytes * Rows);
    }
}
