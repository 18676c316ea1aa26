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
    private readonly string[]?[] _texts;
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
        _texts = new string[slots.Length][];
        for (var i = 0; i < slots.Length; i++)
        {
            var elements = checked(rowsMax * slots[i].Width);
            if (slots[i].StoredType == ElementType.String)
            {
                _texts[i] = new string[elements];
                Array.Fill(_texts[i]!, "");
            }
            else
            {
                _buffers[i] = AlignedMemory.Allocate<byte>(checked(elements * slots[i].StoredType.SizeBytes()));
            }
        }
    }

    /// <summary>Largest batch.</summary>
    public int RowsMax { get; }

    /// <summary>The memory of an input: row-major floats, <see cref="RowsMax"/> rows.</summary>
    /// <param name="input">Index in the signature.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the input's elements are no floats.</exception>
    public Span<float> Input(int input = 0) => Input<float>(input);

    /// <summary>The memory of an input: row-major, <see cref="RowsMax"/> rows.</summary>
    /// <typeparam name="T"><see cref="float"/>, <see cref="double"/>, <see cref="long"/>, <see cref="int"/> or <see cref="bool"/>, as the signature says.</typeparam>
    /// <param name="input">Index in the signature.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the input has another element type.</exception>
    public Span<T> Input<T>(int input = 0)
        where T : unmanaged
    {
        var value = _inputs[input];
        return value.Type.Holds<T>()
            ? MemoryMarshal.Cast<byte, T>(_buffers[value.Slot].Span)
            : throw new MlpException(ErrorCodes.TensorMismatch, $"The input {_signature.Inputs[input]} was written as {typeof(T).Name}.");
    }

    /// <summary>The texts of an input: row-major, <see cref="RowsMax"/> rows, empty texts at first.</summary>
    /// <param name="input">Index in the signature.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the input's elements are no texts.</exception>
    public Span<string> Texts(int input = 0) => _texts[_inputs[input].Slot]
        ?? throw new MlpException(ErrorCodes.TensorMismatch, $"The input {_signature.Inputs[input]} was written as texts.");

    /// <summary>The result of the last run: row-major, of which the first rows are those that were run.</summary>
    /// <typeparam name="T"><see cref="float"/>, <see cref="double"/>, <see cref="long"/>, <see cref="int"/> or <see cref="bool"/>, as the signature says.</typeparam>
    /// <param name="output">Index in the signature.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the output has another element type.</exception>
    public ReadOnlySpan<T> Output<T>(int output = 0)
        where T : unmanaged
    {
        var value = _outputs[output];
        if (!value.Type.Holds<T>())
        {
            throw new MlpException(ErrorCodes.TensorMismatch, $"The output {_signature.Outputs[output]} was read as {typeof(T).Name}.");
        }

        return MemoryMarshal.Cast<byte, T>(_buffers[value.Slot].Span);
    }

    /// <summary>A text that the last run gave, such as a class's label; the model's own string or the caller's, so nothing is allocated.</summary>
    /// <param name="row">Which of the rows that were run.</param>
    /// <param name="output">Index in the signature of an output of texts.</param>
    /// <param name="column">Which of the row's texts.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the output is no text.</exception>
    public string Text(int row, int output = 0, int column = 0)
    {
        var value = _outputs[output];
        if (value.Type != ElementType.String)
        {
            throw new MlpException(ErrorCodes.TensorMismatch, $"The output {_signature.Outputs[output]} was read as a text.");
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)column, (uint)value.Width);
        var index = (row * value.Width) + column;
        return value.Texts is { } texts ? texts[MemoryMarshal.Cast<byte, long>(_buffers[value.Slot].Span)[index]] : _texts[value.Slot]![index];
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
        CheckTexts(rows);
        var frame = new EdgeFrame(_buffers, _texts, rows);
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
        if (row.Length != width || _inputs.Length != 1 || _inputs[0].Type is not (ElementType.Float32 or ElementType.Float64))
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

    // A null would be found nowhere, or in the midst of an operator.
    private void CheckTexts(int rows)
    {
        for (var i = 0; i < _inputs.Length; i++)
        {
            if (_inputs[i].Type == ElementType.String)
            {
                var at = Array.IndexOf(_texts[_inputs[i].Slot]!, null, 0, rows * _inputs[i].Width);
                if (at >= 0)
                {
                    throw new MlpException(ErrorCodes.TensorMismatch, $"The input {_signature.Inputs[i]} has null in row {at / _inputs[i].Width}; expected a text.");
                }
            }
        }
    }

    private void Bind(EdgeValue value, Memory<byte> memory, [CallerArgumentExpression(nameof(memory))] string? name = null)
    {
        if (value.Type == ElementType.String)
        {
            throw new ArgumentException("texts have no memory that could be bound; Texts writes them, Text reads them", name);
        }

        var bytes = (long)RowsMax * value.Width * value.Type.SizeBytes();
        if (memory.Length < bytes)
        {
            throw new ArgumentException($"{memory.Length} bytes for {RowsMax} rows of {value.Width} {value.Type.Name()}; expected {bytes}.", name);
        }

        _buffers[value.Slot] = memory;
    }
}
