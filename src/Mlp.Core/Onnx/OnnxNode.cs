namespace Mlp.Core;

/// <summary>One operator of a graph.</summary>
public sealed class OnnxNode
{
    /// <summary>The operator, such as <c>Gemm</c>.</summary>
    public required string OpType { get; init; }

    /// <summary>The operator's domain; empty for ONNX's own, <c>ai.onnx.ml</c> for classical models.</summary>
    public string Domain { get; init; } = "";

    /// <summary>The node's name; may be empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>Names of what it reads; an empty name is an optional input left out.</summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];

    /// <summary>Names of what it gives.</summary>
    public IReadOnlyList<string> Outputs { get; init; } = [];

    /// <summary>Attributes by name.</summary>
    public IReadOnlyDictionary<string, OnnxAttribute> Attributes { get; init; } = new Dictionary<string, OnnxAttribute>();

    /// <summary>The fields of the node's message that no other property holds, as the file has them. They are written back as they are.</summary>
    public ReadOnlyMemory<byte> Unread { get; init; }

    /// <summary>For messages: operator, domain, and name where it has one.</summary>
    public override string ToString() => $"{(Domain.Length == 0 ? "" : Domain + ".")}{OpType}{(Name.Length == 0 ? "" : $" '{Name}'")}";

    /// <summary>An integer attribute.</summary>
    public long Int(string name, long defaultValue) => Find(name) is { } a ? a.Int ?? throw Wrong(name, "an integer") : defaultValue;

    /// <summary>A float attribute.</summary>
    public float Float(string name, float defaultValue) => Find(name) is { } a ? a.Float ?? throw Wrong(name, "a float") : defaultValue;

    /// <summary>A text attribute.</summary>
    public string Text(string name, string defaultValue) => Find(name) is { } a ? a.Text ?? throw Wrong(name, "a text") : defaultValue;

    /// <summary>A list of integers; empty where the attribute is missing.</summary>
    public long[] Ints(string name) => Find(name) is { } a ? a.Ints ?? throw Wrong(name, "a list of integers") : [];

    /// <summary>A list of floats; empty where the attribute is missing.</summary>
    public float[] Floats(string name) => Find(name) is { } a ? a.Floats ?? throw Wrong(name, "a list of floats") : [];

    /// <summary>A list of texts; empty where the attribute is missing.</summary>
    public string[] Texts(string name) => Find(name) is { } a ? a.Texts ?? throw Wrong(name, "a list of texts") : [];

    private OnnxAttribute? Find(string name) => Attributes.GetValueOrDefault(name);

    private MlpException Wrong(string name, string expected) => new(ErrorCodes.ModelInvalid, $"{this}: the attribute '{name}' is not {expected}.");
}
