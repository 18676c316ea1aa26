using Microsoft.ML.OnnxRuntime;

namespace Mlp.Inference;

/// <summary>
/// Finds out by a few runs what a signature leaves open, or only claims: the rows of outputs with free dimensions, whether outputs have a row
/// for each row of the inputs, and whether a row's answer is the same alone and among others, without which callers must not share a run.
/// </summary>
internal sealed class OnnxTrial
{
    /// <summary>Most memory for the rows of a run; a model of larger rows is run a call at a time.</summary>
    public const long BytesMax = 256L << 20;

    private const int RowsTogether = 3;

    private readonly InferenceSession _session;
    private readonly ModelLayout _layout;
    private readonly bool _compares;
    private readonly CancellationToken _cancellationToken;
    private readonly TensorLayout[] _outputs;
    private readonly bool _wasKnown;

    private OnnxTrial(InferenceSession session, ModelLayout layout, bool compares, CancellationToken cancellationToken)
    {
        _session = session;
        _layout = layout;
        _compares = compares;
        _cancellationToken = cancellationToken;
        _outputs = layout.Outputs.ToArray();
        _wasKnown = layout.IsKnown;
    }

    /// <summary>The layout as the runs have it.</summary>
    /// <param name="session">The model.</param>
    /// <param name="layout">What its signature says.</param>
    /// <param name="compares">Whether rows are compared alone and among others; false where it is known that they do not meet.</param>
    /// <param name="cancellationToken">Ends the runs.</param>
    public static ModelLayout Resolve(InferenceSession session, ModelLayout layout, bool compares, CancellationToken cancellationToken)
    {
        if (!layout.IsBatched || (!compares && layout.IsKnown && (layout.BatchRows > 0 || IsStated(layout))))
        {
            return layout;
        }

        var rows = layout.BatchRows > 0 ? layout.BatchRows : RowsTogether;
        if (TrialRows.BytesOf(layout) > BytesMax / rows)
        {
            return layout.Whole($"{rows} rows of {TrialRows.BytesOf(layout)} bytes are too large for a trial of at most {BytesMax} bytes, which would show whether calls can share a run.");
        }

        // What numbers a model takes is not known: made-up ones first, then some that most take.
        OnnxRuntimeException? failure = null;
        foreach (var numbers in TrialRows.Numbers)
        {
            try
            {
                var trial = new OnnxTrial(session, layout, compares, cancellationToken);
                var why = layout.BatchRows > 0 ? trial.TryFixed(numbers) : trial.TryFree(numbers);
                return why is null ? layout.With(trial._outputs) : layout.Whole(why);
            }
            catch (OnnxRuntimeException e) when (!cancellationToken.IsCancellationRequested)
            {
                failure = e;
            }
        }

        return layout.Whole($"A trial of 1 and of {rows} rows failed: {failure!.Message}");
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

    // Each row alone, then all of them together.
    private string? TryFree(TrialNumbers numbers)
    {
        var rows = new TrialRows(_layout, RowsTogether, numbers, 0);
        using var together = Run(rows, 0, RowsTogether);
        var why = Look(together, RowsTogether);
        for (var row = 0; row < RowsTogether && why is null; row++)
        {
            using var alone = Run(rows, row, 1);
            why = Look(alone, 1) ?? Compare(alone, 0, together, row);
        }

        return why;
    }

    // A file that fixes its rows runs as many each time: every other row again, in the place behind its own, among others.
    private string? TryFixed(TrialNumbers numbers)
    {
        var count = _layout.BatchRows;
        var rows = new TrialRows(_layout, count, numbers, 0);
        using var first = Run(rows, 0, count);
        var why = Look(first, count);
        if (why is null && (_compares || !_wasKnown))
        {
            var others = new TrialRows(_layout, count, numbers, 1);
            for (var row = 0; row < count && count > 1; row += 2)
            {
                others.Take(rows, row, (row + 1) % count);
            }

            using var second = Run(others, 0, count);
            why = Look(second, count);
            for (var row = 0; row < count && count > 1 && why is null; row += 2)
            {
                why = Compare(first, row, second, (row + 1) % count);
            }
        }

        if (why is null && !_wasKnown)
        {
            using var zeros = Run(new TrialRows(_layout, count, TrialNumbers.Zeros, 2), 0, count);
            why = Look(zeros, count);
        }

        return why;
    }

    private IDisposableReadOnlyCollection<OrtValue> Run(TrialRows rows, int first, int count)
    {
        var inputs = new Dictionary<string, OrtValue>(StringComparer.Ordinal);
        try
        {
            for (var i = 0; i < _layout.Inputs.Length; i++)
            {
                inputs[_layout.Inputs[i].Name] = rows.ToNative(i, first, count);
            }

            using var run = new OnnxRun();
            using var registration = _cancellationToken.UnsafeRegister(static state => ((OnnxRun)state!).Cancel(), run);
            return _session.Run(run.Options, inputs, Array.ConvertAll(_outputs, static output => output.Name));
        }
        finally
        {
            foreach (var value in inputs.Values)
            {
                value.Dispose();
            }
        }
    }

    private string? Look(IReadOnlyList<OrtValue> results, int rows)
    {
        for (var i = 0; i < _outputs.Length; i++)
        {
            if (Differs(results[i].GetTensorTypeAndShape().Shape, rows, ref _outputs[i]) is { } why)
            {
                return why;
            }
        }

        return null;
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
            row[i] = (int)Math.Min(shape[i + 1], int.MaxValue);
            if (row[i] <= 0 || (output.RowShape[i] >= 0 && output.RowShape[i] != row[i]))
            {
                return $"{found}: not what the rows before it were.";
            }
        }

        output = output.With(row);
        return null;
    }

    private string? Compare(IReadOnlyList<OrtValue> a, int rowOfA, IReadOnlyList<OrtValue> b, int rowOfB)
    {
        for (var i = 0; _compares && i < _outputs.Length; i++)
        {
            if (!TrialAnswers.AreSame(_outputs[i], a[i], rowOfA, b[i], rowOfB))
            {
                return $"In a trial a row's '{_outputs[i].Name}' was another one beside other rows, so the first dimension is no batch of independent rows. HostedModelOptions.Batches = true has calls share runs all the same.";
            }
        }

        return null;
    }
}
