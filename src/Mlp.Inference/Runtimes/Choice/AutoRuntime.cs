using System.Globalization;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Chooses between the managed and the native runtime: by what can run the model, by agreement, then by speed.</summary>
internal sealed class AutoRuntime(IModelRuntime managed, IModelRuntime native) : IModelRuntime
{
    public string Name => "auto";

    public IPreparedModel Prepare(ModelFile file, PrepareOptions options)
    {
        options.Validate();
        file.Layout.CheckBatch(options.RowsMax);
        var first = TryPrepare(managed, file, options, out var firstError);
        IPreparedModel? second = null;
        try
        {
            second = TryPrepare(native, file, options, out var secondError);
            if (first is null)
            {
                return second is null
                    ? throw new MlpException(secondError!.Code, $"Neither runtime can run the model. {managed.Name}: {firstError!.Message} {native.Name}: {secondError.Message}", secondError)
                    : new ChosenModel(second, $"{managed.Name} cannot run the model: {firstError!.Message}");
            }

            if (second is null)
            {
                return new ChosenModel(first, $"{native.Name} cannot run the model: {secondError!.Message}");
            }

            return Choose(file, options, first, second);
        }
        catch
        {
            first?.Dispose();
            second?.Dispose();
            throw;
        }
    }

    private static ChosenModel Choose(ModelFile file, PrepareOptions options, IPreparedModel managed, IPreparedModel native)
    {
        if (!RuntimeTrial.CanCompare(native.Layout) || !native.Layout.Fits(managed.Layout))
        {
            managed.Dispose();
            return new ChosenModel(native, $"The rows are not what both runtimes can be compared on: {native.Layout.WhyWhole ?? "not all inputs are float32 and all outputs float32 or int64, or the outputs have other shapes."}");
        }

        // A file that fixes its rows runs no more of them.
        var rows = native.Layout.BatchRows > 0 ? Math.Min(options.RowsMax, native.Layout.BatchRows) : options.RowsMax;
        rows = (int)Math.Min(rows, RuntimeTrial.BytesMax / Math.Max(1, native.Layout.RowBytes));
        if (rows == 0)
        {
            managed.Dispose();
            return new ChosenModel(native, $"A row takes {native.Layout.RowBytes} bytes, too large for a trial of at most {RuntimeTrial.BytesMax}.");
        }

        var samples = options.SampleRows.IsEmpty ? SampleRows.MadeFrom(file, rows) : options.SampleRows.ToArray();
        if (samples.Length % file.Layout.RowElements != 0)
        {
            throw new MlpException(ErrorCodes.TensorMismatch, $"{samples.Length} elements of sample rows for the model {file.Layout.Signature}; expected a multiple of {file.Layout.RowElements}.");
        }

        using var trial = new RuntimeTrial(native.Layout, managed, native, rows, samples, options.CancellationToken);
        if (trial.FindDisagreement() is { } disagreement)
        {
            // ONNX Runtime is what the field means by a model's answer.
            managed.Dispose();
            return new ChosenModel(native, $"{managed.Runtime} and {native.Runtime} disagree: {disagreement}");
        }

        var (managedTime, nativeTime) = trial.Measure();
        var reason = string.Create(CultureInfo.InvariantCulture, $"At {rows} rows a batch {managed.Runtime} takes {managedTime:#,0} ns a row and {native.Runtime} {nativeTime:#,0} ns; their answers agree within {RuntimeTrial.Tolerance}.");
        var (chosen, other) = managedTime <= nativeTime ? (managed, native) : (native, managed);
        other.Dispose();
        return new ChosenModel(chosen, reason);
    }

    private static IPreparedModel? TryPrepare(IModelRuntime runtime, ModelFile file, PrepareOptions options, out MlpException? error)
    {
        try
        {
            error = null;
            return runtime.Prepare(file, options);
        }
        catch (MlpException e)
        {
            error = e;
            return null;
        }
    }
}
