using Mlp.Core;

namespace Mlp.Edge;

/// <summary>A value of the graph: one row-major matrix, its rows being the batch.</summary>
/// <param name="slot">Index among the session's buffers.</param>
/// <param name="type">
/// Float32, Float64, Int64, Int32, Bool, or String, whose elements are held as the index of one of <see cref="Texts"/>, or as texts where there are none.
/// </param>
/// <param name="width">Elements of a row.</param>
internal readonly struct EdgeValue(int slot, ElementType type, int width)
{
    private readonly int[]? _row;

    /// <summary>Index among the session's buffers.</summary>
    public int Slot { get; } = slot;

    /// <summary>Type of the elements.</summary>
    public ElementType Type { get; } = type;

    /// <summary>Elements of a row.</summary>
    public int Width { get; } = width;

    /// <summary>All texts that an element can be; null for numbers, and for texts that are not known before the model runs.</summary>
    public string[]? Texts { get; init; }

    /// <summary>Type of the elements as the session holds them; String where it holds texts.</summary>
    public ElementType StoredType => Type == ElementType.String && Texts is not null ? ElementType.Int64 : Type;

    /// <summary>The dimensions behind the batch's; none for one element a row without a dimension of its own.</summary>
    public int[] Row
    {
        get => _row ?? [Width];
        init => _row = value;
    }

    /// <summary>Whether the value is [batch, width].</summary>
    public bool IsMatrix => _row is null or { Length: 1 };

    /// <summary>For messages, such as <c>float32[batch, 3]</c>.</summary>
    public override string ToString()
    {
        var text = $"{Type.Name()}[batch";
        foreach (var length in Row)
        {
            text += $", {length}";
        }

        return text + "]";
    }
}
