namespace Mlp.Core;

/// <summary>The graph that is written around a tree operator: each call adds one operator behind the last.</summary>
internal sealed class TreeGraph
{
    private readonly List<OnnxNode> _nodes = [];
    private readonly Dictionary<string, OnnxTensor> _constants = new(StringComparer.Ordinal);
    private readonly TensorSpec _input;

    /// <summary>Begins with an input of rows.</summary>
    public TreeGraph(string inputName, ElementType type, int width)
    {
        _input = new TensorSpec(inputName, type, TensorDimension.Free("batch"), TensorDimension.Fixed(width));
        Last = inputName;
    }

    /// <summary>Name of the value that the last operator gives.</summary>
    public string Last { get; private set; }

    /// <summary>Version of <c>ai.onnx.ml</c> that the operators need.</summary>
    public long TreeOpset { get; set; } = 3;

    /// <summary>Adds an operator.</summary>
    /// <param name="type">Its name.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <param name="domain">Its domain.</param>
    /// <param name="inputs">What it reads; none for the last operator's value.</param>
    /// <returns>The name of what it gives.</returns>
    public string Add(string type, Dictionary<string, OnnxAttribute>? attributes = null, string domain = "", params ReadOnlySpan<string> inputs)
    {
        var output = $"value{_nodes.Count}";
        AddNode(type, attributes, domain, inputs.IsEmpty ? [Last] : inputs.ToArray(), [output]);
        return Last = output;
    }

    /// <summary>Adds an operator that combines the last value with a row of constants.</summary>
    public void AddConstant(string type, params ReadOnlySpan<double> row)
    {
        var name = $"constant{_constants.Count}";
        _constants[name] = OnnxTensor.Of(Array.ConvertAll(row.ToArray(), static value => (float)value), row.Length);
        Add(type, null, "", Last, name);
    }

    /// <summary>Adds a conversion of the last value.</summary>
    public void Cast(ElementType type) => Add("Cast", new() { ["to"] = (long)type });

    /// <summary>Adds an operator whose outputs have names.</summary>
    public void AddNode(string type, Dictionary<string, OnnxAttribute>? attributes, string domain, string[] inputs, string[] outputs) =>
        _nodes.Add(new OnnxNode { OpType = type, Domain = domain, Name = domain.Length == 0 ? "" : "trees", Inputs = inputs, Outputs = outputs, Attributes = attributes ?? [] });

    /// <summary>The model, its outputs made by operators of their names.</summary>
    public OnnxModel Model(params ReadOnlySpan<TensorSpec> outputs)
    {
        var infos = new List<OnnxValueInfo>();
        foreach (var output in outputs)
        {
            infos.Add(new OnnxValueInfo(output.Name, output));
        }

        return new OnnxModel
        {
            // Version 5 of the classical operators came with version 10 of the file format.
            IrVersion = TreeOpset >= 5 ? 10 : 8,
            Opsets = new Dictionary<string, long> { [""] = 17, [TreeEnsembleOnnx.Domain] = TreeOpset },
            Graph = new OnnxGraph
            {
                Name = "trees",
                Nodes = Named(outputs[^1].Name),
                Inputs = [new OnnxValueInfo(_input.Name, _input)],
                Outputs = infos,
                Initializers = _constants,
            },
        };
    }

    // The last value gets the name of the last output, where no operator gave it that name before.
    private List<OnnxNode> Named(string name)
    {
        foreach (var node in _nodes)
        {
            if (Array.IndexOf((string[])node.Outputs, name) >= 0)
            {
                return _nodes;
            }
        }

        return _nodes.ConvertAll(node => new OnnxNode
        {
            OpType = node.OpType,
            Domain = node.Domain,
            Name = node.Name,
            Inputs = Renamed(node.Inputs),
            Outputs = Renamed(node.Outputs),
            Attributes = node.Attributes,
        });

        string[] Renamed(IReadOnlyList<string> names) => Array.ConvertAll((string[])names, value => value == Last ? name : value);
    }
}
