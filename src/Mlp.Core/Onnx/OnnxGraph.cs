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
}

/// <summary>Name and type of a value.</summary>
/// <param name="Name">The name.</param>
/// <param name="Tensor">Its type; null where it is not stated, or of a kind that is not known.</param>
public sealed record OnnxValueInfo(string Name, TensorSpec? Tensor)
{
    internal TensorSpec Require(string kind) =>
        Tensor ?? throw new MlpException(ErrorCodes.ModelInvalid, $"The {kind} '{Name}' has no type, or one that is not known; expected a tensor, a sequence, a map or an optional value of the element types of ONNX.");
}
