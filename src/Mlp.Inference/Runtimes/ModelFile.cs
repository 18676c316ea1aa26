using Mlp.Core;

namespace Mlp.Inference;

/// <summary>A model file, read and parsed once for all runtimes.</summary>
public sealed class ModelFile
{
    private ModelFile(string name, byte[] bytes, OnnxModel model, ModelLayout layout)
    {
        Name = name;
        Bytes = bytes;
        Model = model;
        Layout = layout;
    }

    /// <summary>The path or another name, for messages.</summary>
    public string Name { get; }

    /// <summary>The file's bytes, a classifier's class maps (<c>ZipMap</c>) replaced by the tensors of scores they are made of.</summary>
    public byte[] Bytes { get; }

    /// <summary>The file's content.</summary>
    public OnnxModel Model { get; }

    /// <summary>The model's rows.</summary>
    public ModelLayout Layout { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rowShapes">For inputs with free dimensions: the dimensions behind the first one, by input. Null for none.</param>
    /// <param name="batches">False for a model that is to be run a call at a time; true for one whose inputs have the same rows, whatever their first dimensions are called.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: no ONNX model; <see cref="ErrorCodes.TensorMismatch"/>: a row shape contradicts the model.</exception>
    public static ModelFile Open(string path, IReadOnlyDictionary<string, int[]>? rowShapes = null, bool? batches = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Of(File.ReadAllBytes(path), path, rowShapes, batches);
    }

    /// <summary>Parses a file's bytes.</summary>
    /// <param name="bytes">The bytes, kept.</param>
    /// <param name="name">A name for messages.</param>
    /// <param name="rowShapes">For inputs with free dimensions: the dimensions behind the first one, by input. Null for none.</param>
    /// <param name="batches">False for a model that is to be run a call at a time; true for one whose inputs have the same rows, whatever their first dimensions are called.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: no ONNX model; <see cref="ErrorCodes.TensorMismatch"/>: a row shape contradicts the model.</exception>
    public static ModelFile Of(byte[] bytes, string name = "model", IReadOnlyDictionary<string, int[]>? rowShapes = null, bool? batches = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        try
        {
            var model = OnnxModel.Read(bytes);
            var maps = ClassMaps.Of(model.Graph);
            var layout = ModelLayout.Of(model.Signature(), rowShapes, batches).With(maps);
            if (maps.Count > 0)
            {
                bytes = ClassMaps.ToTensors(bytes, model).ToArray();
                model = OnnxModel.Read(bytes);
            }

            return new ModelFile(name, bytes, model, layout);
        }
        catch (MlpException e)
        {
            throw new MlpException(e.Code, $"{name}: {e.Message}", e);
        }
    }
}
