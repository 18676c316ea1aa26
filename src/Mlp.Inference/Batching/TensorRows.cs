using System.Buffers;
using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>A request with all inputs and all outputs of a model: rows to fill in, and room for the answer. Rented; disposing gives it back.</summary>
public sealed class TensorRows : IDisposable
{
    private readonly byte[][] _inputs;
    private readonly byte[][] _outputs;
    private readonly string[]?[] _inputTexts;
    private readonly string[]?[] _outputTexts;
    private bool _disposed;

    /// <summary>Rents the memory.</summary>
    /// <param name="layout">The model's rows.</param>
    /// <param name="rows">Number of rows.</param>
    /// <exception cref="MlpException"><see cref="InferenceErrors.Unsupported"/>: the model takes no rows; <see cref="ErrorCodes.LimitReached"/>: a tensor would be larger than an array can be.</exception>
    public TensorRows(ModelLayout layout, int rows)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        if (!layout.IsBatched)
        {
            throw RowErrors.NoRows(layout);
        }

        Layout = layout;
        Rows = rows;
        _inputs = Rent(layout.Inputs, rows);
        _outputs = Rent(layout.Outputs, rows);
        _inputTexts = Texts(layout.Inputs, rows);
        _outputTexts = Texts(layout.Outputs, rows);
    }

    /// <summary>The model's rows.</summary>
    public ModelLayout Layout { get; }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>The version that answered; empty until then.</summary>
    public string Version { get; internal set; } = "";

    /// <summary>The rows of an input of float32, to be written.</summary>
    /// <param name="input">Index in the signature.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the input has another element type.</exception>
    public Span<float> Input(int input) => Input<float>(input);

    /// <summary>An input's rows, to be written.</summary>
    /// <typeparam name="T">As its element type is read, see <see cref="ElementTypes.Holds{T}"/>.</typeparam>
    /// <param name="input">Index in the signature.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the input has another element type.</exception>
    public Span<T> Input<T>(int input)
        where T : unmanaged
    {
        RowErrors.CheckType<T>(Layout.Inputs[input]);
        return MemoryMarshal.Cast<byte, T>(InputBytes(input));
    }

    /// <summary>The rows of an input of strings, to be written.</summary>
    /// <param name="input">Index in the signature.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the input has another element type.</exception>
    public Span<string> InputTexts(int input) => TextRows(_inputTexts[input], Layout.Inputs[input]);

    /// <summary>An output's rows.</summary>
    /// <typeparam name="T">As its element type is read, see <see cref="ElementTypes.Holds{T}"/>.</typeparam>
    /// <param name="output">Index in the signature.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the output has another element type.</exception>
    public ReadOnlySpan<T> Output<T>(int output)
        where T : unmanaged
    {
        RowErrors.CheckType<T>(Layout.Outputs[output]);
        return MemoryMarshal.Cast<byte, T>(OutputBytes(output));
    }

    /// <summary>The rows of an output of strings.</summary>
    /// <param name="output">Index in the signature.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the output has another element type.</exception>
    public ReadOnlySpan<string> OutputTexts(int output) => TextRows(_outputTexts[output], Layout.Outputs[output]);

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

        foreach (var texts in (ReadOnlySpan<string[]?>)[.. _inputTexts, .. _outputTexts])
        {
            Array.Clear(texts ?? []);
        }
    }

    internal Span<byte> InputBytes(int input) => Bytes(_inputs[input], Layout.Inputs[input]);

    internal Span<byte> OutputBytes(int output) => Bytes(_outputs[output], Layout.Outputs[output]);

    /// <summary>Copies rows of all inputs into a batch.</summary>
    internal void CopyInputs(int firstRow, RowSlot slot)
    {
        for (var i = 0; i < _inputs.Length; i++)
        {
            var tensor = Layout.Inputs[i];
            if (_inputTexts[i] is { } texts)
            {
                texts.AsSpan(firstRow * tensor.Width, slot.Rows * tensor.Width).CopyTo(slot.InputTexts(i));
            }
            else
            {
                InputBytes(i).Slice(firstRow * tensor.RowBytes, slot.Rows * tensor.RowBytes).CopyTo(slot.InputBytes(i));
            }
        }
    }

    /// <summary>Takes rows of all outputs out of a batch.</summary>
    internal void TakeOutputs(int toRow, ModelMemory memory, int firstRow, int rows)
    {
        for (var i = 0; i < _outputs.Length; i++)
        {
            var tensor = Layout.Outputs[i];
            if (_outputTexts[i] is { } texts)
            {
                memory.OutputTexts(i, firstRow, rows).CopyTo(texts.AsSpan(toRow * tensor.Width));
            }
            else
            {
                memory.OutputRows(i, firstRow, rows).CopyTo(OutputBytes(i)[(toRow * tensor.RowBytes)..]);
            }
        }
    }

    private static byte[][] Rent(ReadOnlySpan<TensorLayout> tensors, int rows)
    {
        var buffers = new byte[tensors.Length][];
        for (var i = 0; i < buffers.Length; i++)
        {
            var bytes = (long)tensors[i].RowBytes * rows;
            buffers[i] = bytes <= Array.MaxLength
                ? ArrayPool<byte>.Shared.Rent((int)bytes)
                : throw new MlpException(ErrorCodes.LimitReached, $"{rows} rows of {tensors[i]} take {bytes} bytes, of at most {Array.MaxLength}: send fewer rows at a time.");
        }

        return buffers;
    }

    private static string[]?[] Texts(ReadOnlySpan<TensorLayout> tensors, int rows)
    {
        var texts = new string[]?[tensors.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            if (tensors[i].Type == ElementType.String)
            {
                texts[i] = new string[checked(tensors[i].Width * rows)];
                Array.Fill(texts[i]!, "");
            }
        }

        return texts;
    }

    private Span<byte> Bytes(byte[] buffer, TensorLayout tensor)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return buffer.AsSpan(0, tensor.RowBytes * Rows);
    }

    private Span<string> TextRows(string[]? texts, TensorLayout tensor)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return texts ?? throw new MlpException(ErrorCodes.TensorMismatch, $"{tensor} was used as strings.");
    }
}
