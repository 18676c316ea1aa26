using Mlp.Core;

namespace Mlp.Inference;

/// <summary>A golden example as a whole call: one row, of the length that the number of its elements says.</summary>
internal static class GoldenCall
{
    /// <summary>The example's inputs as values.</summary>
    /// <returns>What does not fit; null where all does.</returns>
    public static string? TryMake(GoldenExample example, ModelSignature signature, out ModelValue[] values)
    {
        values = new ModelValue[signature.Inputs.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var spec = signature.Inputs[i];
            if (!example.Inputs.TryGetValue(spec.Name, out var numbers))
            {
                return $"has no elements of the input '{spec.Name}'";
            }

            if (spec.Form is not null || spec.Type == ElementType.String)
            {
                return $"has numbers for the input {spec}";
            }

            if (TryShape(spec, numbers.Length) is not { } shape)
            {
                return $"has {numbers.Length} elements of the input {spec}, which do not say what its free dimensions are";
            }

            var bytes = new byte[numbers.Length * spec.Type.SizeBytes()];
            if (!ElementNumbers.TryWrite(spec.Type, numbers, bytes))
            {
                return $"has numbers for the input {spec}";
            }

            values[i] = new TensorValue(spec.Type, bytes, shape);
        }

        return null;
    }

    /// <summary>An output's numbers.</summary>
    /// <returns>Null where it holds no numbers.</returns>
    public static double[]? Read(ModelValue value) => value is TensorValue tensor ? ElementNumbers.Read(tensor.Type, tensor.Bytes.Span) : null;

    // The first dimension is one row where it is free; one more may be free, and takes what is left.
    private static long[]? TryShape(TensorSpec spec, int elements)
    {
        var shape = new long[spec.Shape.Length];
        long known = 1;
        var free = -1;
        for (var d = 0; d < shape.Length; d++)
        {
            shape[d] = spec.Shape[d].IsFixed ? spec.Shape[d].Length : 1;
            known *= Math.Max(0, Math.Min(shape[d], int.MaxValue));
            if (known > int.MaxValue || (d > 0 && !spec.Shape[d].IsFixed && free >= 0))
            {
                return null;
            }

            free = d > 0 && !spec.Shape[d].IsFixed ? d : free;
        }

        if (free >= 0 && known > 0)
        {
            shape[free] = elements / known;
            known *= shape[free];
        }

        return known == elements ? shape : null;
    }
}
