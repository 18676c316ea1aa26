namespace Mlp.Inference;

/// <summary>
/// Makes a partial record (or struct or class) a row of a model. On the type, its properties are the columns of one input, in the order in
/// which they are declared; on a property, the property belongs to the input that is named.
/// </summary>
/// <param name="name">The input's name in the model's signature.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class ModelInputAttribute(string name) : Attribute
{
    /// <summary>The input's name.</summary>
    public string Name { get; } = name;

    /// <summary>Elements of a property that is a block of columns: an array, <see cref="Memory{T}"/> or <see cref="ReadOnlyMemory{T}"/>.</summary>
    public int Width { get; set; }
}
