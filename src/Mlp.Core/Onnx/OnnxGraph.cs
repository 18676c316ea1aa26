namespace Mlp.Core;

/// <summary>A graph of operators.</summary>
public sealed class OnnxGraph
{
    /// <summary>The graph's name.</summary>
    public string Name { get; init; } = "graph";

    /// <summary>The operators, each after those whose results it reads.</summary>
    public IReadOnlyList<OnnxNode> Nodes { get; init; } = [];

    /// <summary>Constant tensors by name.</summary>
    public IReadOnlyDictionary<string, OnnxTensor> Initializers { get; init; } = new Dictionary<string, OnnxTensor>();

    /// <summary>What the graph reads; may hold initialised names as well.</summary>
    public IReadOnlyList<OnnxValueInfo> Inputs { get; init; } = [];

    /// <summary>What the graph gives.</summary>
    public IReadOnlyList<OnnxValueInfo> Outputs { get; init; } = [];

    /// <summary>The fields of the graph's message that no other property holds, such as the types of values in between, as the file has them. They are written back as they are.</summary>
    public ReadOnlyMemory<byte> Unread { get; init; }
}

/// <summary>Name and type of a value.</summary>
/// <param name="name">The name.</param>
/// <param name="tensor">Its type; null for none.</param>
public sealed class OnnxValueInfo(string name, TensorSpec? tensor)
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;

    /// <summary>Its type; null where it is not stated, or no element type of .NET: then <see cref="Unread"/> has it.</summary>
    public TensorSpec? Tensor { get; } = tensor;

    /// <summary>The fields of the value's message that no other property holds, as the file has them. They are written back as they are.</summary>
    public ReadOnlyMemory<byte> Unread { get; init; }

    internal TensorSpec Require(string kind) =>
        Tensor ?? throw new MlpException(
            ErrorCodes.ModelInvalid,
            $"The {kind} '{Name}' {(OnnxTypeText.Of(Unread.Span) is { } found ? $"is {found}, which only operators inside a model may use" : "has no type")}; expected a tensor of {ElementTypes.Names}, or a sequence, a map or an optional value of such tensors.");
}
