using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>The memory of one batch: rows of all inputs and outputs in pinned buffers, aligned to 64 bytes, taken once.</summary>
/// <remarks>A runtime that binds memory derives from this class and keeps its bindings beside the buffers. Used by one thread at a time.</remarks>
public class ModelMemory : IDisposable
{
    // Room for the alignment.
    internal const int BytesMax = int.MaxValue - (1 << 16);

    private readonly Memory<byte>[] _inputs;
    private readonly Memory<byte>[] _outputs;
    private readonly string[]?[] _inputTexts;
    private readonly string[]?[] _outputTexts;
    private readonly bool _hasTexts;

    /// <summary>Takes the memory.</summary>
    /// <param name="layout">The model's rows.</param>
    /// <param name="rowsMax">Largest batch.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.LimitReached"/>: a tensor of a batch is larger than an array can be.</exception>
    public ModelMemory(ModelLayout layout, int rowsMax)
        : this(layout, rowsMax, AlignedMemory.Allocate<byte>)
    {
    }

    /// <summary>Takes the memory from somewhere else.</summary>
    /// <param name="layout">The model's rows.</param>
    /// <param name="rowsMax">Largest batch.</param>
    /// <param name="take">Gives zeroed buffers of so many bytes, aligned, that stay until this is disposed.</param>
    internal ModelMemory(ModelLayout layout, int rowsMax, Func<int, Memory<byte>> take)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rowsMax);
        Layout = layout;
        RowsMax = rowsMax;
        _inputs = Allocate(layout.Inputs, rowsMax, take);
        _outputs = Allocate(layout.Outputs, rowsMax, take);
        _inputTexts = AllocateTexts(layout.Inputs, rowsMax);
        _outputTexts = AllocateTexts(layout.Outputs, rowsMax);
        _hasTexts = Array.Exists(_inputTexts, static texts => texts is not null) || Array.Exists(_outputTexts, static texts => texts is not null);
    }

    /// <summary>The model's rows.</summary>
    public ModelLayout Layout { get; }

    /// <summary>Largest batch.</summary>
    public int RowsMax { get; }

    /// <summary>The inputs of a call, in the signature's order, where the model takes no rows; else empty.</summary>
    public IReadOnlyList<ModelValue> Given { get; set; } = [];

    /// <summary>The outputs of a call, in the signature's order, where the model takes no rows; else empty.</summary>
    public IReadOnlyList<ModelValue> Answer { get; set; } = [];

    /// <summary>What a call has in memory of its caller's; null for most.</summary>
    internal DeviceCall? Device { get; set; }

    /// <summary>The buffer of an input.</summary>
    public Memory<byte> Input(int input) => _inputs[input];

    /// <summary>The buffer of an output.</summary>
    public Memory<byte> Output(int output) => _outputs[output];

    /// <summary>Rows of an input of float32.</summary>
    public Span<float> InputRows(int input, int firstRow, int rows)
    {
        var width = Layout.Inputs[input].Width;
        return MemoryMarshal.Cast<byte, float>(_inputs[input].Span).Slice(firstRow * width, rows * width);
    }

    /// <summary>Rows of an input as bytes.</summary>
    public Span<byte> InputBytes(int input, int firstRow, int rows)
    {
        var bytes = Layout.Inputs[input].RowBytes;
        return _inputs[input].Span.Slice(firstRow * bytes, rows * bytes);
    }

    /// <summary>Rows of an input of strings.</summary>
    public Span<string> InputTexts(int input, int firstRow, int rows) => Texts(_inputTexts[input], Layout.Inputs[input], firstRow, rows);

    /// <summary>Rows of an output of strings.</summary>
    public Span<string> OutputTexts(int output, int firstRow, int rows) => Texts(_outputTexts[output], Layout.Outputs[output], firstRow, rows);

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
            if (_inputTexts[i] is null)
            {
                InputBytes(i, from, rows).CopyTo(InputBytes(i, to, rows));
            }
            else
            {
                InputTexts(i, from, rows).CopyTo(InputTexts(i, to, rows));
            }
        }
    }

    /// <summary>Lets go of a call's values and of strings, which may be long.</summary>
    internal void Forget()
    {
        Given = [];
        Answer = [];
        Device = null;
        if (_hasTexts)
        {
            Empty(_inputTexts);
            Empty(_outputTexts);
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

    private static Memory<byte>[] Allocate(ReadOnlySpan<TensorLayout> tensors, int rowsMax, Func<int, Memory<byte>> take)
    {
        var buffers = new Memory<byte>[tensors.Length];
        for (var i = 0; i < buffers.Length; i++)
        {
            var bytes = (long)tensors[i].RowBytes * rowsMax;
            buffers[i] = bytes is >= 0 and <= BytesMax
                ? take((int)bytes)
                : throw new MlpException(ErrorCodes.LimitReached, $"A batch of {rowsMax} rows of {tensors[i]} takes {bytes} bytes, of at most {BytesMax}: take smaller batches.");
        }

        return buffers;
    }

    private static string[]?[] AllocateTexts(ReadOnlySpan<TensorLayout> tensors, int rowsMax)
    {
        var texts = new string[]?[tensors.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            if (tensors[i].Type == ElementType.String)
            {
                texts[i] = new string[checked(tensors[i].Width * rowsMax)];
                Array.Fill(texts[i]!, "");
            }
        }

        return texts;
    }

    private static void Empty(string[]?[] texts)
    {
        foreach (var rows in texts)
        {
            if (rows is not null)
            {
                Array.Fill(rows, "");
            }
        }
    }

    private static Span<string> Texts(string[]? texts, TensorLayout tensor, int firstRow, int rows) => texts is null
        ? throw new MlpException(ErrorCodes.TensorMismatch, $"{tensor} was used as strings.")
        : texts.AsSpan(firstRow * tensor.Width, rows * tensor.Width);
}
