using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Where in a tensor's rows the length of a call is.</summary>
/// <param name="Dimension">Index among the dimensions behind the batch's; -1 where the rows do not depend on the length.</param>
internal readonly record struct VariableTensor(int Dimension)
{
    public bool IsVariable => Dimension >= 0;

    /// <summary>Copies rows of one length into rows of another: what is longer is cut, what is shorter leaves the rest of the destination as it is.</summary>
    /// <param name="rowShape">The row's dimensions; that of the length is not looked at.</param>
    /// <param name="elementSize">Elements of <typeparamref name="T"/> in one element of the tensor.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="source">Rows of <paramref name="sourceLength"/>.</param>
    /// <param name="sourceLength">Their length.</param>
    /// <param name="destination">Rows of <paramref name="destinationLength"/>.</param>
    /// <param name="destinationLength">Their length.</param>
    public void Copy<T>(ReadOnlySpan<int> rowShape, int elementSize, int rows, ReadOnlySpan<T> source, int sourceLength, Span<T> destination, int destinationLength)
    {
        var (outer, inner) = (rows, elementSize);
        for (var d = 0; d < rowShape.Length; d++)
        {
            outer *= d < Dimension ? rowShape[d] : 1;
            inner *= d > Dimension ? rowShape[d] : 1;
        }

        var common = Math.Min(sourceLength, destinationLength) * inner;
        for (var o = 0; o < outer; o++)
        {
            source.Slice(o * sourceLength * inner, common).CopyTo(destination[(o * destinationLength * inner)..]);
        }
    }

    /// <summary>Fills memory with one number.</summary>
    public static void Fill(ElementType type, double value, Span<byte> memory)
    {
        if (value == 0)
        {
            memory.Clear();
            return;
        }

        Span<byte> element = stackalloc byte[8];
        if (!ElementNumbers.TryWrite(type, [value], element[..type.SizeBytes()]))
        {
            throw new MlpException(ErrorCodes.TensorMismatch, $"Elements of {type.Name()} cannot be filled with {value}.");
        }

        for (var i = 0; i < memory.Length; i += type.SizeBytes())
        {
            element[..type.SizeBytes()].CopyTo(memory[i..]);
        }
    }
}
