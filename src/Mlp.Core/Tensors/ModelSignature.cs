namespace Mlp.Core;

/// <summary>The inputs and outputs of a model, in the order of its file.</summary>
public sealed class ModelSignature
{
    private readonly TensorSpec[] _inputs;
    private readonly TensorSpec[] _outputs;

    /// <summary>Creates a signature.</summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: a name occurs twice among the inputs or among the outputs.</exception>
    public ModelSignature(ReadOnlySpan<TensorSpec> inputs, ReadOnlySpan<TensorSpec> outputs)
    {
        _inputs = CheckedCopy(inputs, "input");
        _outputs = CheckedCopy(outputs, "output");
    }

    /// <summary>What the model reads.</summary>
    public ReadOnlySpan<TensorSpec> Inputs => _inputs;

    /// <summary>What the model gives.</summary>
    public ReadOnlySpan<TensorSpec> Outputs => _outputs;

    /// <summary>Both sides in one line, for error messages.</summary>
    public override string ToString() => $"({string.Join(", ", (object[])_inputs)}) -> ({string.Join(", ", (object[])_outputs)})";

    private static TensorSpec[] CheckedCopy(ReadOnlySpan<TensorSpec> specs, string kind)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var spec in specs)
        {
            if (!names.Add(spec.Name))
            {
                throw new MlpException(ErrorCodes.ModelInvalid, $"The {kind} '{spec.Name}' occurs twice in the signature.");
            }
        }

        return specs.ToArray();
    }
}
