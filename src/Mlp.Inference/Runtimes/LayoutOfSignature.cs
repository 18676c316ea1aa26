using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Reads rows out of a signature, or says why there are none.</summary>
internal sealed class LayoutOfSignature(ModelSignature signature, IReadOnlyDictionary<string, int[]>? rowShapes, bool? batches)
{
    // tf2onnx makes up a name of its own for each dimension that has none.
    private const string MadeUpName = "unk__";

    private long _batchRows = -1;
    private string _batch = "";

    public ModelLayout Make()
    {
        CheckNames();
        if (signature.Inputs.Length == 0 || signature.Outputs.Length == 0)
        {
            return new ModelLayout(signature, "It has no inputs or no outputs.");
        }

        if (batches == false)
        {
            return new ModelLayout(signature, "HostedModelOptions.Batches is false.");
        }

        var inputs = new TensorLayout[signature.Inputs.Length];
        var outputs = new TensorLayout[signature.Outputs.Length];
        long elements = 0;
        for (var i = 0; i < inputs.Length; i++)
        {
            var spec = signature.Inputs[i];
            if ((WhyNoRows(spec, "input") ?? WhyOtherRows(spec)) is { } why)
            {
                return new ModelLayout(signature, why);
            }

            var shape = RowShape(spec, rowShapes?.GetValueOrDefault(spec.Name));
            var width = Elements(shape);
            if (width <= 0)
            {
                return new ModelLayout(signature, $"The input {spec} has {(width == 0 ? "an empty" : "a free")} dimension behind its first{(width == 0 ? "." : "; HostedModelOptions.RowShapes can fix it.")}");
            }

            elements += width;
            if (width * Math.Max(1, spec.Type.SizeBytes()) > Array.MaxLength || elements > Array.MaxLength)
            {
                return new ModelLayout(signature, $"A row of the input {spec} is larger than an array can be.");
            }

            inputs[i] = new TensorLayout(spec.Name, spec.Type, shape);
        }

        for (var i = 0; i < outputs.Length; i++)
        {
            var spec = signature.Outputs[i];
            if (WhyNoRows(spec, "output") is { } why)
            {
                return new ModelLayout(signature, why);
            }

            var shape = RowShape(spec, null);
            if (Elements(shape) == 0)
            {
                return new ModelLayout(signature, $"The output {spec} has an empty dimension.");
            }

            if (Elements(shape) * Math.Max(1, spec.Type.SizeBytes()) > Array.MaxLength)
            {
                return new ModelLayout(signature, $"A row of the output {spec} is larger than an array can be.");
            }

            outputs[i] = new TensorLayout(spec.Name, spec.Type, shape);
        }

        return new ModelLayout(signature, inputs, outputs, (int)Math.Max(0, _batchRows));
    }

    // The first dimension is the batch's: free in all values, or the same number in all.
    private string? WhyNoRows(TensorSpec spec, string kind)
    {
        if (spec.Form is not null)
        {
            return $"The {kind} {spec} is no tensor.";
        }

        if (spec.Shape.Length == 0)
        {
            return $"The {kind} {spec} has {(spec.HasShape ? "no dimension for a batch" : "no shape in its file")}.";
        }

        var rows = spec.Shape[0].IsFixed ? spec.Shape[0].Length : 0;
        if (rows == 0 && spec.Shape[0].IsFixed)
        {
            return $"The {kind} {spec} has no rows.";
        }

        if (rows > 1 << 16 || (_batchRows >= 0 && rows != _batchRows))
        {
            return $"The {kind} {spec} has {(rows == 0 ? "any number of" : rows)} rows, the values before it {(_batchRows <= 0 ? "any number" : _batchRows)}.";
        }

        _batchRows = rows;
        return null;
    }

    // Inputs that call their first dimensions by different names may have different numbers of rows.
    private string? WhyOtherRows(TensorSpec spec)
    {
        var symbol = spec.Shape[0].Symbol ?? "";
        if (batches == true || symbol.Length == 0 || symbol.StartsWith(MadeUpName, StringComparison.Ordinal))
        {
            return null;
        }

        if (_batch.Length > 0 && symbol != _batch)
        {
            return $"The input {spec} has '{symbol}' rows, an input before it '{_batch}'; HostedModelOptions.Batches = true says that these are the same.";
        }

        _batch = symbol;
        return null;
    }

    private static int[] RowShape(TensorSpec spec, int[]? given)
    {
        var shape = new int[spec.Shape.Length - 1];
        var fits = given is null || given.Length == shape.Length;
        for (var i = 0; fits && i < shape.Length; i++)
        {
            var dimension = spec.Shape[i + 1];
            shape[i] = dimension.IsFixed ? (int)Math.Min(dimension.Length, int.MaxValue) : given?[i] ?? -1;
            fits = given is null || (given[i] == shape[i] && shape[i] > 0);
        }

        return fits ? shape : throw new MlpException(ErrorCodes.TensorMismatch, $"Rows of [{string.Join(", ", given!)}] were stated for the input {spec}; expected {shape.Length} dimensions that fit those behind its first.");
    }

    private void CheckNames()
    {
        foreach (var name in rowShapes?.Keys ?? [])
        {
            if (SpecNames.IndexOf(signature.Inputs, name) < 0)
            {
                throw new MlpException(ErrorCodes.TensorMismatch, $"A row shape was stated for the input '{name}', which the model {signature} does not have.");
            }
        }
    }

    private static long Elements(int[] shape)
    {
        long elements = 1;
        foreach (var length in shape)
        {
            if (length < 0)
            {
                return -1;
            }

            elements = Math.Min(elements * length, long.MaxValue >> 32);
        }

        return elements;
    }
}
