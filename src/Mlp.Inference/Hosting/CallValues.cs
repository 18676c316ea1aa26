using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Checks a call's values against a signature, and carries them into rows and out of them.</summary>
internal static class CallValues
{
    /// <summary>The values in the signature's order.</summary>
    /// <param name="inputs">By name.</param>
    /// <param name="signature">What they have to fit.</param>
    /// <param name="isWhole">Whether the call is run as it is, so that a first dimension which the file fixes holds as well.</param>
    public static ModelValue[] InOrder(IReadOnlyDictionary<string, ModelValue> inputs, ModelSignature signature, bool isWhole)
    {
        var values = new ModelValue[signature.Inputs.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var spec = signature.Inputs[i];
            if (!inputs.TryGetValue(spec.Name, out var value) || value is null)
            {
                throw Mismatch($"The input '{spec.Name}' is missing", signature);
            }

            Check("input", value, spec, signature, isWhole);
            values[i] = value;
        }

        foreach (var name in inputs.Count > values.Length ? inputs.Keys : [])
        {
            if (SpecNames.IndexOf(signature.Inputs, name) < 0)
            {
                throw Mismatch($"There is no input '{name}'", signature);
            }
        }

        return values;
    }

    /// <summary>Where outputs go, in the signature's order; null for those that come back as a copy.</summary>
    public static DeviceTensor?[] OutputsInOrder(IReadOnlyDictionary<string, DeviceTensor> outputs, ModelSignature signature)
    {
        var values = new DeviceTensor?[signature.Outputs.Length];
        foreach (var (name, value) in outputs)
        {
            var found = SpecNames.IndexOf(signature.Outputs, name);
            if (found < 0)
            {
                throw Mismatch($"There is no output '{name}'", signature);
            }

            ArgumentNullException.ThrowIfNull(value, nameof(outputs));
            Check("output", value, signature.Outputs[found], signature, isWhole: true);
            values[found] = value;
        }

        return values;
    }

    /// <summary>Tensors as rows: all with the same number of them, of the layout's shape.</summary>
    public static TensorRows ToRows(ModelValue[] values, ModelLayout layout)
    {
        var rows = Rows((TensorValue)values[0]);
        for (var i = 0; i < values.Length; i++)
        {
            var tensor = (TensorValue)values[i];
            var fits = Rows(tensor) == rows && rows > 0 && tensor.Shape.Length == layout.Inputs[i].Rank;
            for (var d = 1; fits && d < tensor.Shape.Length; d++)
            {
                fits = tensor.Shape[d] == layout.Inputs[i].RowShape[d - 1];
            }

            if (!fits)
            {
                throw Mismatch($"The input '{layout.Inputs[i].Name}' is {tensor} with {rows} rows in the first input; expected at least one row, as many in all inputs, of {layout.Inputs[i]}", layout.Signature);
            }
        }

        var filled = new TensorRows(layout, (int)rows);
        for (var i = 0; i < values.Length; i++)
        {
            var tensor = (TensorValue)values[i];
            if (tensor.Type == ElementType.String)
            {
                tensor.TextSpan.CopyTo(filled.InputTexts(i));
            }
            else
            {
                tensor.Bytes.Span.CopyTo(filled.InputBytes(i));
            }
        }

        return filled;
    }

    /// <summary>The outputs of rows as tensors.</summary>
    public static ModelValue[] OfRows(TensorRows rows)
    {
        var values = new ModelValue[rows.Layout.Outputs.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var output = rows.Layout.Outputs[i];
            values[i] = output.Type == ElementType.String
                ? new TensorValue(rows.OutputTexts(i).ToArray(), output.Shape(rows.Rows))
                : new TensorValue(output.Type, rows.OutputBytes(i).ToArray(), output.Shape(rows.Rows));
        }

        return values;
    }

    private static long Rows(TensorValue tensor) => tensor.Shape.Length == 0 ? -1 : tensor.Shape[0];

    private static void Check(string place, ModelValue value, TensorSpec spec, ModelSignature signature, bool isWhole)
    {
        var form = spec.Form ?? ValueForm.Tensor(spec.Type);
        if (!form.Equals(value.Form) && !(form.Kind == ValueKind.Optional && form.Inner!.Equals(value.Form)))
        {
            throw Mismatch($"The {place} '{spec.Name}' is {value.Form}; expected {form}", signature);
        }

        if (value is not (TensorValue or DeviceTensor) || spec.Form is not null || !spec.HasShape)
        {
            return;
        }

        var shape = value is TensorValue tensor ? tensor.Shape : ((DeviceTensor)value).Shape;
        var fits = shape.Length == spec.Shape.Length;
        for (var d = 0; fits && d < shape.Length; d++)
        {
            // The first dimension of rows is the batch's, of which a request may have any number.
            fits = !spec.Shape[d].IsFixed || (d == 0 && !isWhole) || spec.Shape[d].Length == shape[d];
        }

        if (!fits)
        {
            throw Mismatch($"The {place} '{spec.Name}' is {value}; expected {spec}", signature);
        }
    }

    private static MlpException Mismatch(string what, ModelSignature signature) => new(ErrorCodes.TensorMismatch, $"{what}. The model is {signature}.");
}
