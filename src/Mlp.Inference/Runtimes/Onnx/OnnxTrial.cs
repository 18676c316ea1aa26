using Microsoft.ML.OnnxRuntime;

namespace Mlp.Inference;

/// <summary>
/// Finds out what a signature leaves open: the rows of outputs with free dimensions, and whether outputs have a row for each row of the
/// inputs at all. One and two rows of zeros are run where the signature does not say so by a name.
/// </summary>
internal static class OnnxTrial
{
    public static ModelLayout Resolve(InferenceSession session, ModelLayout layout, CancellationToken cancellationToken)
    {
        if (!layout.IsBatched || (layout.IsKnown && (layout.BatchRows > 0 || IsStated(layout))))
        {
            return layout;
        }

        var rows = layout.BatchRows > 0 ? layout.BatchRows : 2;
        if (TryRun(session, layout, rows, cancellationToken, out var outputs) is { } why)
        {
            return layout.Whole(why);
        }

        if (layout.BatchRows == 0 && TryRun(session, layout.With(outputs), 1, cancellationToken, out _) is { } whyOne)
        {
            return layout.Whole(whyOne);
        }

        return layout.With(outputs);
    }

    private static bool IsStated(ModelLayout layout)
    {
        var batch = layout.Signature.Inputs[0].Shape[0].Symbol;
        foreach (var spec in (ReadOnlySpan<Mlp.Core.TensorSpec>)[.. layout.Signature.Inputs, .. layout.Signature.Outputs])
        {
            if (string.IsNullOrEmpty(batch) || spec.Shape[0].Symbol != batch)
            {
                return false;
            }
        }

        return true;
    }

    private static string? TryRun(InferenceSession session, ModelLayout layout, int rows, CancellationToken cancellationToken, out TensorLayout[] outputs)
    {
        outputs = layout.Outputs.ToArray();
        var inputs = new Dictionary<string, OrtValue>(StringComparer.Ordinal);
        try
        {
            foreach (var input in layout.Inputs)
            {
                inputs[input.Name] = OnnxTensors.Zeros(input, rows);
            }

            using var run = new OnnxRun();
            using var registration = cancellationToken.UnsafeRegister(static state => ((OnnxRun)state!).Cancel(), run);
            using var results = session.Run(run.Options, inputs, Array.ConvertAll(outputs, static output => output.Name));
            for (var i = 0; i < outputs.Length; i++)
            {
                if (Differs(results[i].GetTensorTypeAndShape().Shape, rows, ref outputs[i]) is { } why)
                {
                    return why;
                }
            }

            return null;
        }
        catch (OnnxRuntimeException e) when (!cancellationToken.IsCancellationRequested)
        {
            return $"A trial of {rows} rows of zeros failed: {e.Message}";
        }
        finally
        {
            foreach (var value in inputs.Values)
            {
                value.Dispose();
            }
        }
    }

    private static string? Differs(long[] shape, int rows, ref TensorLayout output)
    {
        var found = $"The output '{output.Name}' of a trial of {rows} rows is [{string.Join(", ", shape)}]";
        if (shape.Length != output.Rank || shape[0] != rows)
        {
            return $"{found}: not a row for each row.";
        }

        var row = new int[shape.Length - 1];
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = (int)shape[i + 1];
            if (row[i] <= 0 || (output.RowShape[i] >= 0 && output.RowShape[i] != row[i]))
            {
                return $"{found}: not what the rows before it were.";
            }
        }

        output = output.With(row);
        return null;
    }
}
