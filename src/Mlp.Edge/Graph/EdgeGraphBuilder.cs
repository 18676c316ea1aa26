using Mlp.Core;

namespace Mlp.Edge;

/// <summary>What an operator asks while it is prepared: the values it reads, constants, and places for its results.</summary>
internal sealed class EdgeGraphBuilder(OnnxModel model)
{
    private readonly Dictionary<string, EdgeValue> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OnnxTensor> _constants = new(model.Graph.Initializers, StringComparer.Ordinal);
    private readonly List<EdgeValue> _slots = [];
    private readonly List<IEdgeOperator> _steps = [];

    /// <summary>All values, in the order of their slots.</summary>
    public IReadOnlyList<EdgeValue> Slots => _slots;

    /// <summary>The prepared operators, in the order of running.</summary>
    public IReadOnlyList<IEdgeOperator> Steps => _steps;

    public void Add(IEdgeOperator step) => _steps.Add(step);

    public EdgeValue Add(string name, ElementType type, int width, string[]? texts = null) => Add(name, new EdgeValue(_slots.Count, type, width) { Texts = texts });

    /// <summary>Makes a value of rows of any shape.</summary>
    public EdgeValue Add(string name, ElementType type, int[] row, string[]? texts = null) => Add(name, new EdgeValue(_slots.Count, type, Elements(row)) { Row = row, Texts = texts });

    /// <summary>Makes a value that only its operator knows.</summary>
    public EdgeValue Scratch(ElementType type, int width)
    {
        var value = new EdgeValue(_slots.Count, type, width);
        _slots.Add(value);
        return value;
    }

    public EdgeValue Find(string name, string reader) => _values.TryGetValue(name, out var value)
        ? value
        : throw new MlpException(ErrorCodes.ModelInvalid, $"{reader} reads '{name}', which nothing before it makes.");

    /// <summary>An input of rows of any type.</summary>
    public EdgeValue Input(OnnxNode node, int index) => Find(Name(node, index), node.ToString());

    /// <summary>An input of float rows.</summary>
    public EdgeValue Floats(OnnxNode node, int index)
    {
        var value = Input(node, index);
        return value.Type == ElementType.Float32
            ? value
            : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: input {index} is {value.Type.Name()}; expected float32.");
    }

    /// <summary>Whether a node has this input, and did not leave it out.</summary>
    public static bool Has(OnnxNode node, int index) => index < node.Inputs.Count && node.Inputs[index].Length != 0;

    /// <summary>The float constant that an input refers to; null where it is a value of the graph.</summary>
    public OnnxTensor? Constant(OnnxNode node, int index) => ConstantOf(node, index) is not { } tensor ? null
        : tensor.Type == ElementType.Float32 ? tensor
        : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: the constant '{Name(node, index)}' is {tensor}; expected float32.");

    /// <summary>The constant of any type that an input refers to; null where it is a value of the graph.</summary>
    public OnnxTensor? ConstantOf(OnnxNode node, int index) => _constants.GetValueOrDefault(Name(node, index));

    /// <summary>Makes a constant of the tensor that a node states.</summary>
    public void AddConstant(string name, OnnxTensor tensor)
    {
        if (_values.ContainsKey(name) || !_constants.TryAdd(name, tensor))
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"The value '{name}' is made twice.");
        }
    }

    /// <summary>The operator set that the model states for a node's domain; 0 where it states none.</summary>
    public long Version(OnnxNode node) => model.Opsets.GetValueOrDefault(node.Domain);

    /// <summary>The error for a form that an operator does not have here.</summary>
    /// <param name="node">The operator.</param>
    /// <param name="found">What the model has, with the attribute's or input's name.</param>
    /// <param name="supported">What is supported.</param>
    public MlpException Unsupported(OnnxNode node, string found, string supported) => new(
        ErrorCodes.ModelInvalid,
        $"The operator {node} of the domain '{(node.Domain.Length == 0 ? "ai.onnx" : node.Domain)}', version {Version(node)}: {found} is not supported by Mlp.Edge; expected {supported}. ONNX Runtime may run this model.");

    /// <summary>Refuses a node that uses what this library only carries for other runtimes: constants and attributes whose types it does not read.</summary>
    public void RefuseUnread(OnnxNode node)
    {
        foreach (var name in node.Inputs)
        {
            if (_constants.TryGetValue(name, out var tensor) && tensor.Type == ElementType.Undefined)
            {
                throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: the constant '{name}' is {tensor}, which Mlp.Edge does not read; ONNX Runtime may run this model.");
            }
        }

        foreach (var (name, attribute) in node.Attributes)
        {
            if (attribute.UnreadKind is { } what)
            {
                throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: the attribute '{name}' is {what}, which Mlp.Edge does not read; ONNX Runtime may run this model.");
            }
        }
    }

    /// <summary>Makes an output.</summary>
    public EdgeValue Output(OnnxNode node, int index, ElementType type, int width, string[]? texts = null) => Add(OutputName(node, index), type, width, texts);

    /// <summary>Makes an output of rows of any shape.</summary>
    public EdgeValue Output(OnnxNode node, int index, ElementType type, int[] row, string[]? texts = null) => Add(OutputName(node, index), type, row, texts);

    /// <summary>
    /// Makes an output of an input's own memory, in rows of another shape; null where the output is one of the graph's, whose memory may be
    /// the caller's: then the operator has to copy.
    /// </summary>
    public EdgeValue? Alias(OnnxNode node, int index, EdgeValue input, int[] row)
    {
        var name = OutputName(node, index);
        foreach (var output in model.Graph.Outputs)
        {
            if (output.Name == name)
            {
                return null;
            }
        }

        var value = input with { Row = row };
        return _values.TryAdd(name, value) ? value : throw Twice(name);
    }

    public static string Name(OnnxNode node, int index) => index < node.Inputs.Count
        ? node.Inputs[index]
        : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: has {node.Inputs.Count} inputs; input {index} is missing.");

    /// <summary>Elements of a row.</summary>
    public static int Elements(ReadOnlySpan<int> row)
    {
        var elements = 1;
        foreach (var length in row)
        {
            elements = checked(elements * length);
        }

        return elements;
    }

    private static string OutputName(OnnxNode node, int index) => index < node.Outputs.Count && node.Outputs[index].Length != 0
        ? node.Outputs[index]
        : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: output {index} is missing.");

    private EdgeValue Add(string name, EdgeValue value)
    {
        if (!_values.TryAdd(name, value))
        {
            throw Twice(name);
        }

        _slots.Add(value);
        return value;
    }

    private static MlpException Twice(string name) => new(ErrorCodes.ModelInvalid, $"The value '{name}' is made twice.");
}
