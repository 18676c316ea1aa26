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

    /// <summary>The fields of the file that no other property holds, such as a model's own functions, as the file has them. They are written back as they are.</summary>
    public ReadOnlyMemory<byte> Unread { get; init; }

    /// <summary>Reads a file's bytes.</summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: the bytes are no ONNX model; the message has the offset.</exception>
    public static OnnxModel Read(ReadOnlySpan<byte> bytes, OnnxLimits? limits = null) => OnnxReader.Read(bytes, limits ?? OnnxLimits.Default);

    /// <summary>The file's bytes.</summary>
    public byte[] Write() => OnnxWriter.Write(this);

    /// <summary>
    /// Inputs that a caller gives (initialised ones left out) and outputs. A classifier's <c>ZipMap</c> output is described as the tensor of
    /// scores that it is made of, which is how this library answers it; <see cref="ClassMaps"/> has the labels.
    /// </summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: an input or output has no type, or one that no <see cref="ElementType"/> is.</exception>
    public ModelSignature Signature()
    {
        var inputs = new List<TensorSpec>();
        foreach (var input in Graph.Inputs)
        {
            if (!Graph.Initializers.ContainsKey(input.Name))
            {
                inputs.Add(input.Require("input"));
            }
        }

        var outputs = new List<TensorSpec>();
        var maps = ClassMaps.Of(Graph);
        foreach (var output in Graph.Outputs)
        {
            outputs.Add(maps.TryGetValue(output.Name, out var map) ? map.Scores(output.Name, inputs) : output.Require("output"));
        }

        return new ModelSignature(inputs.ToArray(), outputs.ToArray());
    }
}
