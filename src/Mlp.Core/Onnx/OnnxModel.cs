namespace Mlp.Core;

/// <summary>An ONNX model file as it is written: no meaning added, nothing left out that an executor reads.</summary>
public sealed class OnnxModel
{
    /// <summary>Version of the file format (ONNX's <c>ir_version</c>).</summary>
    public long IrVersion { get; init; } = 8;

    /// <summary>The program that wrote the file.</summary>
    public string Producer { get; init; } = "mlp";

    /// <summary>The operator sets that the graph uses, by domain; the default domain is the empty text.</summary>
    public IReadOnlyDictionary<string, long> Opsets { get; init; } = new Dictionary<string, long>();

    /// <summary>The computation.</summary>
    public required OnnxGraph Graph { get; init; }

    /// <summary>Free texts.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads a file's bytes.</summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: the bytes are no ONNX model; the message has the offset.</exception>
    public static OnnxModel Read(ReadOnlySpan<byte> bytes, OnnxLimits? limits = null) => OnnxReader.Read(bytes, limits ?? OnnxLimits.Default);

    /// <summary>The file's bytes.</summary>
    public byte[] Write() => OnnxWriter.Write(this);

    /// <summary>Inputs that a caller gives (initialised ones left out) and outputs.</summary>
    /// <exception cref="MlpException">An input or output is no tensor.</exception>
    public ModelSignature Signature()
    {
        var inputs = new List<TensorSpec>();
        foreach (var input in Graph.Inputs)
        {
            if (!Graph.Initializers.ContainsKey(input.Name))
            {
                inputs.Add(input.RequireTensor("input"));
            }
        }

        var outputs = new List<TensorSpec>();
        foreach (var output in Graph.Outputs)
        {
            outputs.Add(output.RequireTensor("output"));
        }

        return new ModelSignature(inputs.ToArray(), outputs.ToArray());
    }
}
