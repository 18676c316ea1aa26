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
/// <param name="Tensor">The tensor's type; null for a sequence, a map, or a type that is not stated.</param>
public sealed record OnnxValueInfo(string Name, TensorSpec? Tensor)
{
    internal TensorSpec RequireTensor(string kind) =>
        Tensor ?? throw new MlpException(ErrorCodes.ModelInvalid, $"The {kind} '{Name}' is no tensor (a sequence or a map, as ZipMap gives): export the model with tensors as outputs, for scikit-learn with the option zipmap=False.");
}
