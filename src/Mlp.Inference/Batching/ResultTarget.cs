using System.Runtime.InteropServices;

namespace Mlp.Inference;

/// <summary>Where a request's results go: one float output into the caller's memory, one number of it, or all outputs; or what a whole call gives.</summary>
internal struct ResultTarget
{
    public int Output;
    public Memory<float> Floats;
    public int Column;
    public bool WantsValue;
    public TensorRows? All;
    public int FirstRow;
    public WholeAnswer? Whole;

    /// <summary>Copies a batch's rows out.</summary>
    /// <returns>The number that was asked for, if one was.</returns>
    public readonly float Take(ModelMemory memory, int firstRow, int rows)
    {
        if (All is { } all)
        {
            all.TakeOutputs(FirstRow, memory, firstRow, rows);
            return 0;
        }

        if (Whole is { } whole)
        {
            whole.Values = memory.Answer;
            return 0;
        }

        if (WantsValue)
        {
            return Rows(memory, firstRow, rows)[Column];
        }

        TakeInto(memory, firstRow, rows, Floats.Span);
        return 0;
    }

    /// <summary>Copies a batch's rows of the float output.</summary>
    public readonly void TakeInto(ModelMemory memory, int firstRow, int rows, Span<float> destination) => Rows(memory, firstRow, rows).CopyTo(destination);

    private readonly ReadOnlySpan<float> Rows(ModelMemory memory, int firstRow, int rows) => MemoryMarshal.Cast<byte, float>(memory.OutputRows(Output, firstRow, rows));
}

/// <summary>Where the answer of a row goes that its caller's own thread runs.</summary>
internal interface IAnswer
{
    void Take(ModelMemory memory);
}

internal readonly ref struct FloatAnswer(Span<float> output, int outputIndex) : IAnswer
{
    private readonly Span<float> _output = output;

    public void Take(ModelMemory memory) => new ResultTarget { Output = outputIndex }.TakeInto(memory, 0, 1, _output);
}

internal readonly struct TensorAnswer(TensorRows rows) : IAnswer
{
    public void Take(ModelMemory memory) => rows.TakeOutputs(0, memory, 0, 1);
}

/// <summary>Where the outputs of a whole call go.</summary>
internal sealed class WholeAnswer
{
    public IReadOnlyList<ModelValue> Values { get; set; } = [];
}
