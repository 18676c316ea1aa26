using Mlp.Core;

namespace Mlp.Edge;

/// <summary>What an operator asks while it is prepared: the values it reads, constants, and places for its results.</summary>
internal sealed class EdgeGraphBuilder(OnnxGraph graph)
{
    private readonly Dictionary<string, EdgeValue> _values = new(StringComparer.Ordinal);
    private readonly List<EdgeValue> _slots = [];

    /// <summary>All values, in the order of their slots.</summary>
    public IReadOnlyList<EdgeValue> Slots => _slots;

    public EdgeValue Add(string name, ElementType type, int width, string[]? texts = null)
    {
        var value = new EdgeValue(_slots.Count, type, width) { Texts = texts };
        if (!_values.TryAdd(name, value))
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"The value '{name}' is made twice.");
        }

        _slots.Add(value);
        return value;
    }

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

    /// <summary>The float constant that an input refers to; null where it is a value of the graph.</summary>
    public OnnxTensor? Constant(OnnxNode node, int index)
    {
        if (!graph.Initializers.TryGetValue(Name(node, index), out var tensor))
        {
            return null;
        }

        return tensor.Type == ElementType.Float32
            ? tensor
            : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: the constant '{Name(node, index)}' is {tensor}; expected float32.");
    }

    /// <summary>Refuses a node that uses what this library only carries for other runtimes: constants and attributes whose types it does not read.</summary>
    public void RefuseUnread(OnnxNode node)
    {
        foreach (var name in node.Inputs)
        {
            if (graph.Initializers.TryGetValue(name, out var tensor) && tensor.Type == ElementType.Undefined)
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
    public EdgeValue Output(OnnxNode node, int index, ElementType type, int width, string[]? texts = null) =>
        index < node.Outputs.Count && node.Outputs[index].Length != 0
            ? Add(node.Outputs[index], type, width, texts)
            : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: output {index} is missing.");

    private static string Name(OnnxNode node, int index) => index < node.Inputs.Count
        ? node.Inputs[index]
        : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: has {node.Inputs.Count} inputs; input {index} is missing.");
}
