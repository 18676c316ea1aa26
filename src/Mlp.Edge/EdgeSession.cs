using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Edge;

/// <summary>
/// One thread's own memory for a model. Write rows into <see cref="Input"/>, call <see cref="Run(int)"/>, read <see cref="Output{T}"/>;
/// nothing is allocated on the way. Not safe for several threads at once.
/// </summary>
public sealed class EdgeSession
{
    private readonly ModelSignature _signature;
    private readonly IEdgeOperator[] _operators;
    private readonly Memory<byte>[] _buffers;
    private readonly EdgeValue[] _inputs;
    private readonly EdgeValue[] _outputs;

    internal EdgeSession(ModelSignature signature, IEdgeOperator[] operators, EdgeValue[] slots, EdgeValue[] inputs, EdgeValue[] outputs, int rowsMax)
    {
        _signature = signature;
        _operators = operators;
        _inputs = inputs;
        _outputs = outputs;
        RowsMax = rowsMax;
        _buffers = new Memory<byte>[slots.Length];
        for (var i = 0; i < slots.Length; i++)
        {
            _buffers[i] = AlignedMemory.Allocate<byte>(checked(rowsMax * slots[i].Width * slots[i].StoredType.SizeBytes()));
        }
    }

    /// <summary>Largest batch.</summary>
    public int RowsMax { get; }

    /// <summary>The memory of an input: row-major floats, <see cref="RowsMax"/> rows.</summary>
    /// <param name="input">Index in the signature.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the input's elements are no floats.</exception>
    public Span<float> Input(int input = 0) => Input<float>(input);

    /// <summary>The memory of an input: row-major, <see cref="RowsMax"/> rows.</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>, as the signature says.</typeparam>
    /// <param name="input">Index in the signature.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the input has another element type.</exception>
    public Span<T> Input<T>(int input = 0)
        where T : unmanaged
    {
        var value = _inputs[input];
        return value.Type == TypeOf<T>()
            ? MemoryMarshal.Cast<byte, T>(_buffers[value.Slot].Span)
            : throw new MlpException(ErrorCodes.TensorMismatch, $"The input {_signature.Inputs[input]} was written as {typeof(T).Name}.");
    }

    /// <summary>The result of the last run: row-major, of which the first rows are those that were run.</summary>
    /// <typeparam name="T"><see cref="float"/>, <see cref="double"/> or <see cref="long"/>, as the signature says.</typeparam>
    /// <param name="output">Index in the signature.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the output has another element type.</exception>
    public ReadOnlySpan<T> Output<T>(int output = 0)
        where T : unmanaged
    {
        var value = _outputs[output];
        if (value.Type != TypeOf<T>())
        {
            throw new MlpException(ErrorCodes.TensorMismatch, $"The output {_signature.Outputs[output]} was read as {typeof(T).Name}.");
        }

        return MemoryMarshal.Cast<byte, T>(_buffers[value.Slot].Span);
    }

    /// <summary>A text that the last run gave, such as a class's label; the model's own string, so nothing is allocated.</summary>
    /// <param name="row">Which of the rows that were run.</param>
    /// <param name="output">Index in the signature of an output of one text a row.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the output is no text.</exception>
    public string Text(int row, int output = 0)
    {
        var value = _outputs[output];
        return value.Texts is { } texts
            ? texts[MemoryMarshal.Cast<byte, long>(_buffers[value.Slot].Span)[row * value.Width]]
            : throw new MlpException(ErrorCodes.TensorMismatch, $"The output {_signature.Outputs[output]} was read as a text.");
    }

    /// <summary>Makes an input's memory the caller's own, which <see cref="Run(int)"/> then reads in place.</summary>
    /// <param name="input">Index in the signature.</param>
    /// <param name="memory">At least <see cref="RowsMax"/> rows, aligned to the element.</param>
    /// <exception cref="ArgumentException">The memory is too small.</exception>
    public void BindInput(int input, Memory<byte> memory) => Bind(_inputs[input], memory);

    /// <summary>Makes an output's memory the caller's own, which <see cref="Run(int)"/> then writes.</summary>
    /// <param name="output">Index in the signature.</param>
    /// <param name="memory">At least <see cref="RowsMax"/> rows, aligned to the element.</param>
    /// <exception cref="ArgumentException">The memory is too small.</exception>
    public void BindOutput(int output, Memory<byte> memory) => Bind(_outputs[output], memory);

    /// <summary>Runs the model on the first rows of the inputs.</summary>
    /// <param name="rows">0 to <see cref="RowsMax"/>.</param>
    public void Run(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, RowsMax);
        var frame = new EdgeFrame(_buffers, rows);
        foreach (var step in _operators)
        {
            step.Run(in frame);
        }
    }

    /// <summary>Runs the model on one row and gives an output's row.</summary>
    /// <param name="row">The only input's row.</param>
    /// <param name="output">Index of a float output in the signature.</param>
    /// <returns>The session's own memory, overwritten by the next run.</returns>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the row has another length than the input.</exception>
    public ReadOnlySpan<float> Run(ReadOnlySpan<float> row, int output = 0)
    {
        var width = _inputs[0].Width;
        if (row.Length != width || _inputs.Length != 1)
        {
            throw new MlpException(ErrorCodes.TensorMismatch, $"A row of {row.Length} elements was given to the model {_signature}.");
        }

        if (_inputs[0].Type == ElementType.Float64)
        {
            var doubles = Input<double>();
            for (var i = 0; i < row.Length; i++)
            {
                doubles[i] = row[i];
            }
        }
        else
        {
            row.CopyTo(Input());
        }

        Run(1);
        return Output<float>(output)[.._outputs[output].Width];
    }

    private static ElementType TypeOf<T>() =>
        typeof(T) == typeof(float) ? ElementType.Float32
        : typeof(T) == typeof(double) ? ElementType.Float64
        : typeof(T) == typeof(long) ? ElementType.Int64
        : ElementType.Undefined;

    private void Bind(EdgeValue value, Memory<byte> memory, [CallerArgumentExpression(nameof(memory))] string? name = null)
    {
        if (value.Texts is not null)
        {
            throw new ArgumentException("an output of texts has no memory that could be bound; Text reads it", name);
        }

        var bytes = (long)RowsMax * value.Width * value.Type.SizeBytes();
        if (memory.Length < bytes)
        {
            throw new ArgumentException($"{memory.Length} bytes for {RowsMax} rows of {value.Width} {value.Type.Name()}; expected {bytes}.", name);
        }

        _buffers[value.Slot] = memory;
    }
}
