namespace Mlp.Inference;

/// <summary>
/// Makes a partial record (or struct or class) an answer of a model. On the type, its properties are the columns of one output, in the order
/// in which they are declared; on a property, the property is a column of the output that is named.
/// </summary>
/// <param name="name">The output's name in the model's signature.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class ModelOutputAttribute(string name) : Attribute
{
    /// <summary>The output's name.</summary>
    public string Name { get; } = name;

    /// <summary>Elements of a property that is a block of columns: an array, <see cref="Memory{T}"/> or <see cref="ReadOnlyMemory{T}"/>; a new one for each answer.</summary>
    public int Width { get; set; }

    /// <summary>Which element of the output's row, the first of a block. Where no property of an output states it, the properties are all its columns, in order.</summary>
    public int Column { get; set; }
}
