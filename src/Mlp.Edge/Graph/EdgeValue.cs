using Mlp.Core;

namespace Mlp.Edge;

/// <summary>A value of the graph: one row-major matrix, its rows being the batch.</summary>
/// <param name="Slot">Index among the session's buffers.</param>
/// <param name="Type">Float32, Float64, Int64, or String, whose elements are held as the index of one of <see cref="Texts"/>.</param>
/// <param name="Width">Elements of a row.</param>
internal readonly record struct EdgeValue(int Slot, ElementType Type, int Width)
{
    /// <summary>All texts that an element can be; null for numbers.</summary>
    public string[]? Texts { get; init; }

    /// <summary>Type of the elements as the session holds them.</summary>
    public ElementType StoredType => Type == ElementType.String ? ElementType.Int64 : Type;
}
