using Mlp.Core;

namespace Mlp.Inference;

/// <summary>How the rows of one input or output lie in memory: row-major, one row after another.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Type">Type of the elements.</param>
/// <param name="Width">Elements of a row.</param>
/// <param name="Rank">1 for <c>[batch]</c>, 2 for <c>[batch, width]</c>.</param>
public readonly record struct TensorLayout(string Name, ElementType Type, int Width, int Rank)
{
    /// <summary>Bytes of a row.</summary>
    public int RowBytes => Width * Type.SizeBytes();

    /// <summary>The shape of a batch.</summary>
    internal long[] Shape(int rows) => Rank == 1 ? [rows] : [rows, Width];
}
