using Mlp.Core;

namespace Mlp.Inference;

/// <summary>A model file, read and parsed once for all runtimes.</summary>
public sealed class ModelFile
{
    private ModelFile(string name, byte[] bytes, OnnxModel model)
    {
        Name = name;
        Bytes = bytes;
        Model = model;
        Layout = ModelLayout.Of(model.Signature());
    }

    /// <summary>The path or another name, for messages.</summary>
    public string Name { get; }

    /// <summary>The file's bytes.</summary>
    public byte[] Bytes { get; }

    /// <summary>The file's content.</summary>
    public OnnxModel Model { get; }

    /// <summary>The model's rows.</summary>
    public ModelLayout Layout { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: no ONNX model; <see cref="InferenceErrors.Unsupported"/>: inputs or outputs that are not supported.</exception>
    public static ModelFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Of(File.ReadAllBytes(path), path);
    }

    /// <summary>Parses a file's bytes.</summary>
    /// <param name="bytes">The bytes, kept.</param>
    /// <param name="name">A name for messages.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: no ONNX model; <see cref="InferenceErrors.Unsupported"/>: inputs or outputs that are not supported.</exception>
    public static ModelFile Of(byte[] bytes, string name = "model")
    {
        ArgumentNullException.ThrowIfNull(bytes);
        OnnxModel model;
        try
        {
            model = OnnxModel.Read(bytes);
        }
        catch (MlpException e)
        {
            throw new MlpException(e.Code, $"{name}: {e.Message}", e);
        }

        return new ModelFile(name, bytes, model);
    }
}
