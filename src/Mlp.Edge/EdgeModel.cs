using Mlp.Core;

namespace Mlp.Edge;

/// <summary>A model prepared for the managed executor: immutable, shared by all threads. Each thread runs it through its own <see cref="EdgeSession"/>.</summary>
public sealed class EdgeModel
{
    private readonly IEdgeOperator[] _operators;
    private readonly EdgeValue[] _slots;
    private readonly EdgeValue[] _inputs;
    private readonly EdgeValue[] _outputs;

    private EdgeModel(ModelSignature signature, IEdgeOperator[] operators, EdgeValue[] slots, EdgeValue[] inputs, EdgeValue[] outputs)
    {
        Signature = signature;
        _operators = operators;
        _slots = slots;
        _inputs = inputs;
        _outputs = outputs;
    }

    /// <summary>Inputs and outputs.</summary>
    public ModelSignature Signature { get; }

    /// <summary>Reads and prepares a model file.</summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: the file is no ONNX model, or uses an operator or a form that this executor does not have.</exception>
    public static EdgeModel Load(string path) => Load(File.ReadAllBytes(path));

    /// <summary>Prepares a model from a file's bytes.</summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: the bytes are no ONNX model, or use an operator or a form that this executor does not have.</exception>
    public static EdgeModel Load(ReadOnlySpan<byte> onnx) => Prepare(OnnxModel.Read(onnx));

    /// <summary>Prepares a model.</summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: it uses an operator or a form that this executor does not have.</exception>
    public static EdgeModel Prepare(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var signature = model.Signature();
        var builder = new EdgeGraphBuilder(model);
        var inputs = new EdgeValue[signature.Inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            var spec = signature.Inputs[i];
            if (!IsInput(spec.Type) || spec.Shape.Length is < 1 or > 2 || spec.RowElements <= 0)
            {
                throw new MlpException(ErrorCodes.ModelInvalid, $"The input {spec} is not supported: expected float32, float64, int64, int32, bool or string as [batch, width] with a fixed width, or as [batch].");
            }

            inputs[i] = builder.Add(spec.Name, spec.Type, spec.Shape.Length == 1 ? [] : [spec.RowElements]);
        }

        foreach (var node in model.Graph.Nodes)
        {
            builder.RefuseUnread(node);
            if (OperatorTable.Prepare(node, builder) is { } step)
            {
                builder.Add(step);
            }
        }

        var outputs = new EdgeValue[signature.Outputs.Length];
        for (var i = 0; i < outputs.Length; i++)
        {
            var spec = signature.Outputs[i];
            outputs[i] = builder.Find(spec.Name, "The graph's output");
            if (spec.Type != outputs[i].Type)
            {
                throw new MlpException(ErrorCodes.ModelInvalid, $"The output {spec} is made as {outputs[i].Type.Name()}.");
            }
        }

        return new EdgeModel(signature, [.. builder.Steps], [.. builder.Slots], inputs, outputs);
    }

    private static bool IsInput(ElementType type) =>
        type is ElementType.Float32 or ElementType.Float64 or ElementType.Int64 or ElementType.Int32 or ElementType.Bool or ElementType.String;

    /// <summary>Elements of a row of an input.</summary>
    public int InputWidth(int input) => _inputs[input].Width;

    /// <summary>Elements of a row of an output.</summary>
    public int OutputWidth(int output) => _outputs[output].Width;

    /// <summary>Takes the memory that one thread needs to run this model.</summary>
    /// <param name="rowsMax">Largest batch.</param>
    public EdgeSession CreateSession(int rowsMax = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rowsMax);
        return new EdgeSession(Signature, _operators, _slots, _inputs, _outputs, rowsMax);
    }
}
