using Mlp.Core;

namespace Mlp.Inference;

/// <summary>The inputs or outputs of a model as a row type sees them.</summary>
/// <param name="typeName">The type, for messages.</param>
/// <param name="tensors">In the order of the type's first column of each.</param>
public sealed class RowSchema(string typeName, params RowTensor[] tensors)
{
    /// <summary>The type, for messages.</summary>
    public string TypeName { get; } = typeName;

    /// <summary>The inputs or outputs.</summary>
    public IReadOnlyList<RowTensor> Tensors { get; } = tensors;

    /// <summary>All of it in one line, for messages.</summary>
    public override string ToString() => $"{TypeName}({string.Join(", ", Tensors)})";
}

/// <summary>One input or output as a row type sees it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Width">Elements of its row; where <paramref name="IsWhole"/> is false, the fewest that it has.</param>
/// <param name="IsWhole">Whether the type has all its columns.</param>
/// <param name="Features">The columns' features, in order; empty where the type names none.</param>
public sealed record RowTensor(string Name, ElementType Type, int Width, bool IsWhole, IReadOnlyList<string> Features)
{
    /// <summary>For example <c>features: float32[14]</c>.</summary>
    public override string ToString() => $"{Name}: {Type.Name()}[{Width}{(IsWhole ? "" : " or more")}]";
}
