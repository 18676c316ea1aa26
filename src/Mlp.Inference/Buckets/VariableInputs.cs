using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Which dimension of each input a call chooses: one at most, the same length in all of them.</summary>
internal static class VariableInputs
{
    /// <summary>Finds them.</summary>
    /// <exception cref="MlpException"><see cref="InferenceErrors.Unsupported"/>: there is none, or an input has several.</exception>
    public static VariableTensor[] Of(ModelSignature signature)
    {
        var found = new VariableTensor[signature.Inputs.Length];
        var any = false;
        for (var i = 0; i < found.Length; i++)
        {
            var spec = signature.Inputs[i];
            found[i] = new VariableTensor(-1);
            for (var d = 1; d < spec.Shape.Length; d++)
            {
                if (spec.Shape[d].IsFixed)
                {
                    continue;
                }

                if (found[i].IsVariable)
                {
                    throw new MlpException(InferenceErrors.Unsupported, $"The input {spec} has two free dimensions behind its first; length buckets are for one. HostedModelOptions.RowShapes fixes them all.");
                }

                found[i] = new VariableTensor(d - 1);
                any = true;
            }
        }

        return any ? found : throw new MlpException(InferenceErrors.Unsupported, $"No input of the model {signature} has a free dimension behind its first, so there are no lengths to make buckets of.");
    }

    /// <summary>The row shapes of a length.</summary>
    public static Dictionary<string, int[]> Shapes(ModelSignature signature, VariableTensor[] variables, int length)
    {
        var shapes = new Dictionary<string, int[]>(StringComparer.Ordinal);
        for (var i = 0; i < variables.Length; i++)
        {
            if (!variables[i].IsVariable)
            {
                continue;
            }

            var spec = signature.Inputs[i];
            var shape = new int[spec.Shape.Length - 1];
            for (var d = 0; d < shape.Length; d++)
            {
                shape[d] = spec.Shape[d + 1].IsFixed ? (int)Math.Min(spec.Shape[d + 1].Length, int.MaxValue) : length;
            }

            shapes[spec.Name] = shape;
        }

        return shapes;
    }

    /// <summary>The length of a call; 0 where its inputs have none in common.</summary>
    public static int LengthOf(ModelValue[] values, VariableTensor[] variables)
    {
        long length = -1;
        for (var i = 0; i < values.Length; i++)
        {
            if (variables[i].IsVariable && values[i] is TensorValue tensor)
            {
                var here = tensor.Shape[variables[i].Dimension + 1];
                length = length < 0 || length == here ? here : 0;
            }
        }

        return (int)Math.Clamp(length, 0, int.MaxValue);
    }
}
