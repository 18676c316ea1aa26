using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>The memory of one batch: rows of all inputs and outputs in pinned buffers, aligned to 64 bytes, taken once.</summary>
/// <remarks>A runtime that binds memory derives from this class and keeps its bindings beside the buffers. Used by one thread at a time.</remarks>
public class ModelMemory : IDisposable
{
    private readonly Memory<byte>[] _inputs;
    private readonly Memory<byte>[] _outputs;

    /// <summary>Takes the memory.</summary>
    /// <param name="layout">The model's rows.</param>
    /// <param name="rowsMax">Largest batch.</param>
    public ModelMemory(ModelLayout layout, int rowsMax)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rowsMax);
        Layout = layout;
        RowsMax = rowsMax;
        _inputs = Allocate(layout.Inputs, rowsMax);
        _outputs = Allocate(layout.Outputs, rowsMax);
    }

    /// <summary>The model's rows.</summary>
    public ModelLayout Layout { get; }

    /// <summary>Largest batch.</summary>
    public int RowsMax { get; }

    /// <summary>The buffer of an input.</summary>
    public Memory<byte> Input(int input) => _inputs[input];

    /// <summary>The buffer of an output.</summary>
    public Memory<byte> Output(int output) => _outputs[output];

    /// <summary>Rows of an input.</summary>
    public Span<float> InputRows(int input, int firstRow, int rows)
    {
        var width = Layout.Inputs[input].Width;
        return MemoryMarshal.Cast<byte, float>(_inputs[input].Span).Slice(firstRow * width, rows * width);
    }

    /// <summary>Rows of an output as bytes.</summary>
    public ReadOnlySpan<byte> OutputRows(int output, int firstRow, int rows)
    {
        var bytes = Layout.Outputs[output].RowBytes;
        return _outputs[output].Span.Slice(firstRow * bytes, rows * bytes);
    }

    /// <summary>Writes whole rows: of each row the elements of all inputs, one input after another.</summary>
    internal void WriteRows(ReadOnlySpan<float> source, int firstRow, int rows)
    {
        var inputs = Layout.Inputs;
        if (inputs.Length == 1)
        {
            source.CopyTo(InputRows(0, firstRow, rows));
            return;
        }

        for (var r = 0; r < rows; r++)
        {
            for (var i = 0; i < inputs.Length; i++)
            {
                source[..inputs[i].Width].CopyTo(InputRows(i, firstRow + r, 1));
                source = source[inputs[i].Width..];
            }
        }
    }

    /// <summary>Moves rows of all inputs towards the beginning.</summary>
    internal void MoveRows(int from, int to, int rows)
    {
        for (var i = 0; i < _inputs.Length; i++)
        {
            InputRows(i, from, rows).CopyTo(InputRows(i, to, rows));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of what a runtime bound to the buffers.</summary>
    /// <param name="disposing">True when called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }

    private static Memory<byte>[] Allocate(ReadOnlySpan<TensorLayout> tensors, int rowsMax)
    {
        var buffers = new Memory<byte>[tensors.Length];
        for (var i = 0; i < buffers.Length; i++)
        {
            buffers[i] = AlignedMemory.Allocate<byte>(checked(tensors[i].RowBytes * rowsMax));
        }

        return buffers;
    }
}
