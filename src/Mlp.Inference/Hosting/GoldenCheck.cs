using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Asks a prepared model for the answers that its package states, before a caller does.</summary>
internal static class GoldenCheck
{
    /// <summary>The package's examples; null where it has none.</summary>
    public static GoldenExamples? Read(ModelPackage package) => GoldenExamplesJson.Read(package);

    /// <summary>Runs the examples one by one.</summary>
    /// <exception cref="MlpException"><see cref="InferenceErrors.GoldenFailed"/>: an answer is another; <see cref="ErrorCodes.PackageInvalid"/>: an example does not fit the model.</exception>
    public static void Run(GoldenExamples? golden, IPreparedModel model, string name, string version, CancellationToken cancellationToken)
    {
        if (golden is null)
        {
            return;
        }

        using var memory = model.CreateMemory(1);
        using var session = model.CreateSession(1);
        for (var e = 0; e < golden.Examples.Count; e++)
        {
            var example = golden.Examples[e];
            if (memory.Layout.IsBatched)
            {
                Write(example, e, memory);
            }
            else if (GoldenCall.TryMake(example, memory.Layout.Signature, out var values) is { } misfit)
            {
                throw Misfit(e, memory, misfit);
            }
            else
            {
                memory.Given = values;
            }

            try
            {
                session.Run(memory, 1, cancellationToken);
            }
            catch (Exception failure) when (failure is not (MlpException or OperationCanceledException))
            {
                throw new MlpException(InferenceErrors.GoldenFailed, $"The version {version} of '{name}' failed on its golden example {e}: {failure.Message}", failure);
            }

            Compare(example, e, golden.Tolerance, memory, name, version);
        }
    }

    private static void Write(GoldenExample example, int index, ModelMemory memory)
    {
        var inputs = memory.Layout.Inputs;
        if (example.Inputs.Count != inputs.Length)
        {
            throw Misfit(index, memory, $"has rows of {example.Inputs.Count} inputs");
        }

        for (var i = 0; i < inputs.Length; i++)
        {
            if (!example.Inputs.TryGetValue(inputs[i].Name, out var values) || values.Length != inputs[i].Width)
            {
                throw Misfit(index, memory, $"has {values?.Length ?? 0} elements of the input '{inputs[i].Name}'");
            }

            if (!ElementNumbers.TryWrite(inputs[i].Type, values, memory.Input(i).Span[..inputs[i].RowBytes]))
            {
                throw Misfit(index, memory, $"has numbers for the input '{inputs[i].Name}' of {inputs[i].Type.Name()}");
            }
        }
    }

    private static void Compare(GoldenExample example, int index, double tolerance, ModelMemory memory, string name, string version)
    {
        foreach (var (output, expected) in example.Outputs)
        {
            var found = SpecNames.IndexOf(memory.Layout.Signature.Outputs, output);
            var actual = found < 0 ? null : memory.Layout.IsBatched ? ElementNumbers.Read(memory.Layout.Outputs[found].Type, memory.OutputRows(found, 0, 1)) : GoldenCall.Read(memory.Answer[found]);
            if (actual is null || actual.Length != expected.Length)
            {
                throw Misfit(index, memory, $"has {expected.Length} numbers for the output '{output}'");
            }

            var isReal = memory.Layout.Signature.Outputs[found].Type is ElementType.Float16 or ElementType.Float32 or ElementType.Float64;
            for (var c = 0; c < expected.Length; c++)
            {
                if (!IsClose(actual[c], expected[c], isReal ? tolerance : 0))
                {
                    throw new MlpException(InferenceErrors.GoldenFailed, FormattableString.Invariant($"The version {version} of '{name}' gives {actual[c]:R} at element {c} of the output '{output}' for its golden example {index}; expected {expected[c]:R}, with a tolerance of {tolerance:R}."));
                }
            }
        }
    }

    private static bool IsClose(double actual, double expected, double tolerance) =>
        actual.Equals(expected) || (double.IsFinite(expected) && Math.Abs(actual - expected) <= tolerance * Math.Max(1, Math.Abs(expected)));

    private static MlpException Misfit(int index, ModelMemory memory, string what) =>
        new(ErrorCodes.PackageInvalid, $"The golden example {index} {what}; the model is {memory.Layout.Signature}.");
}
