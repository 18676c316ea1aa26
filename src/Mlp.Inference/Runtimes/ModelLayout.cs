using Mlp.Core;

namespace Mlp.Inference;

/// <summary>The rows of a model's inputs and outputs, as batches hold them.</summary>
public sealed class ModelLayout
{
    private readonly TensorLayout[] _inputs;
    private readonly TensorLayout[] _outputs;

    private ModelLayout(ModelSignature signature, TensorLayout[] inputs, TensorLayout[] outputs, int rowElements)
    {
        Signature = signature;
        _inputs = inputs;
        _outputs = outputs;
        RowElements = rowElements;
    }

    /// <summary>The signature this is the layout of.</summary>
    public ModelSignature Signature { get; }

    /// <summary>The inputs, in the signature's order.</summary>
    public ReadOnlySpan<TensorLayout> Inputs => _inputs;

    /// <summary>The outputs, in the signature's order.</summary>
    public ReadOnlySpan<TensorLayout> Outputs => _outputs;

    /// <summary>Elements of a whole row: the rows of all inputs, one after another.</summary>
    public int RowElements { get; }

    /// <summary>Makes the layout of a signature.</summary>
    /// <exception cref="MlpException"><see cref="InferenceErrors.Unsupported"/>: an input is not <c>float32[batch, width]</c>, or an output neither <c>float32</c> nor <c>int64</c> of <c>[batch]</c> or <c>[batch, width]</c>.</exception>
    public static ModelLayout Of(ModelSignature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        if (signature.Inputs.Length == 0 || signature.Outputs.Length == 0)
        {
            throw Unsupported(signature, "a model without inputs or without outputs");
        }

        var inputs = new TensorLayout[signature.Inputs.Length];
        long elements = 0;
        for (var i = 0; i < inputs.Length; i++)
        {
            var spec = signature.Inputs[i];
            inputs[i] = spec.Type == ElementType.Float32 ? Tensor(signature, spec, "input") : throw Unsupported(signature, $"the input {spec}");
            elements += inputs[i].Width;
        }

        if (elements > Array.MaxLength / sizeof(float))
        {
            throw Unsupported(signature, $"a row of {elements} elements");
        }

        var outputs = new TensorLayout[signature.Outputs.Length];
        for (var i = 0; i < outputs.Length; i++)
        {
            var spec = signature.Outputs[i];
            outputs[i] = spec.Type is ElementType.Float32 or ElementType.Int64 ? Tensor(signature, spec, "output") : throw Unsupported(signature, $"the output {spec}");
        }

        return new ModelLayout(signature, inputs, outputs, (int)elements);
    }

    /// <summary>The index of the output to answer with.</summary>
    /// <param name="name">Its name; null for the first one of float32.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: there is none of that name, or it is not float32.</exception>
    public int FloatOutput(string? name)
    {
        for (var i = 0; i < _outputs.Length; i++)
        {
            if (_outputs[i].Type == ElementType.Float32 && (name is null || _outputs[i].Name == name))
            {
                return i;
            }
        }

        throw new MlpException(ErrorCodes.TensorMismatch, $"The model {Signature} has no float32 output{(name is null ? "" : $" '{name}'")}.");
    }

    /// <summary>Whether rows of the other layout may take the place of this one's: names, types and widths are equal.</summary>
    public bool Fits(ModelLayout other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Inputs.SequenceEqual(other.Inputs) && Outputs.SequenceEqual(other.Outputs);
    }

    private static TensorLayout Tensor(ModelSignature signature, TensorSpec spec, string kind)
    {
        var width = spec.RowElements;
        return spec.Shape.Length is 1 or 2 && !spec.Shape[0].IsFixed && width > 0
            ? new TensorLayout(spec.Name, spec.Type, width, spec.Shape.Length)
            : throw Unsupported(signature, $"the {kind} {spec}");
    }

    private static MlpException Unsupported(ModelSignature signature, string found) => new(
        InferenceErrors.Unsupported,
        $"{char.ToUpperInvariant(found[0])}{found[1..]} is not supported. Supported are inputs float32[batch, width] and outputs float32 or int64 of [batch] or [batch, width], the batch free and the width fixed. The model is {signature}.");
}
