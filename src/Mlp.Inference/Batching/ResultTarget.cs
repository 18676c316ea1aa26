using System.Runtime.InteropServices;

namespace Mlp.Inference;

/// <summary>Where a request's results go: one float output into the caller's memory, one number of it, or all outputs.</summary>
internal struct ResultTarget
{
    public int Output;
    public Memory<float> Floats;
    public int Column;
    public bool WantsValue;
    public TensorRows? All;
    public int FirstRow;

    /// <summary>Copies a batch's rows out.</summary>
    /// <returns>The number that was asked for, if one was.</returns>
    public readonly float Take(ModelMemory memory, int firstRow, int rows)
    {
        if (All is { } all)
        {
            for (var i = 0; i < memory.Layout.Outputs.Length; i++)
            {
                memory.OutputRows(i, firstRow, rows).CopyTo(all.OutputBytes(i)[(FirstRow * memory.Layout.Outputs[i].RowBytes)..]);
            }

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
