using Microsoft.ML.OnnxRuntime;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>ONNX Runtime. Its native library comes with a package that the program itself references.</summary>
/// <param name="options">How it runs models.</param>
/// <param name="addProvider">Adds a provider to a session's settings.</param>
/// <param name="batchMemory">Memory of which kind batches lie in; null for the managed heap.</param>
internal sealed class OnnxModelRuntime(OnnxRuntimeOptions options, Action<SessionOptions, OnnxProvider, IReadOnlyDictionary<string, string>> addProvider, DeviceMemory? batchMemory) : IModelRuntime
{
    public OnnxModelRuntime(OnnxRuntimeOptions options)
        : this(options, OnnxSettings.AddProvider, OnnxSettings.BatchMemory(options))
    {
    }

    public string Name => options.Provider == OnnxProvider.Cpu ? "ONNX Runtime" : $"ONNX Runtime ({options.Provider})";

    public IPreparedModel Prepare(ModelFile file, PrepareOptions prepare)
    {
        file.Layout.CheckBatch(prepare.RowsMax);
        try
        {
            OnnxThreads.Begin(prepare.SharedThreads);
            using var settings = OnnxSettings.Cpu(options, out var threads);
            if (options.Provider == OnnxProvider.Cpu)
            {
                return Prepare(file, settings, "ONNX Runtime", $"ONNX Runtime was asked for.{threads}", prepare, batchMemory);
            }

            try
            {
                return PrepareOnProvider(file, settings, threads, prepare);
            }
            catch (MlpException e) when (e.Code == InferenceErrors.RuntimeMissing && options.Fallback == OnnxFallback.Cpu)
            {
                using var fallback = OnnxSettings.Cpu(options, out threads);
                return Prepare(file, fallback, "ONNX Runtime", $"Fallback to the processor: {e.Message}{threads}", prepare, null);
            }
        }
        catch (OnnxRuntimeException) when (prepare.CancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(prepare.CancellationToken);
        }
        catch (OnnxRuntimeException e)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{file.Name}: ONNX Runtime cannot load the model: {e.Message}", e);
        }
        catch (Exception e) when (IsNativeLibraryMissing(e))
        {
            throw new MlpException(
                InferenceErrors.RuntimeMissing,
                "ONNX Runtime's native library was not found. Add the package Microsoft.ML.OnnxRuntime (or Microsoft.ML.OnnxRuntime.Gpu) to the program that runs the model, or choose RuntimeChoice.Edge.",
                e);
        }
    }

    private OnnxPreparedModel PrepareOnProvider(ModelFile file, SessionOptions settings, string threads, PrepareOptions prepare)
    {
        try
        {
            addProvider(settings, options.Provider, options.ProviderOptions);
            return Prepare(file, settings, Name, $"{Name} was asked for.{threads}", prepare, batchMemory);
        }
        catch (OnnxRuntimeException e) when (!prepare.CancellationToken.IsCancellationRequested)
        {
            if (ProviderFault.Explain(options, given => OnnxProbe.Start(probe => addProvider(probe, options.Provider, given)), e) is { } fault)
            {
                throw fault;
            }

            throw;
        }
    }

    private static OnnxPreparedModel Prepare(ModelFile file, SessionOptions settings, string runtime, string reason, PrepareOptions prepare, DeviceMemory? batches)
    {
        using var registration = prepare.CancellationToken.UnsafeRegister(static state => ((SessionOptions)state!).SetLoadCancellationFlag(true), settings);
        var session = new InferenceSession(file.Bytes, settings);
        try
        {
            var compares = prepare.Batches != true && !RowOperators.MakeUp(file);
            var layout = OnnxTrial.Resolve(session, file.Layout, compares, prepare.CancellationToken);
            return new OnnxPreparedModel(session, layout, runtime, reason + Where(session, layout, batches), prepare.Batches, batches is { } kind ? opened => SessionBuffers.Open(opened, kind, out _) : null);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static string Where(InferenceSession session, ModelLayout layout, DeviceMemory? batches)
    {
        if (batches is not { } kind || !layout.IsBatched)
        {
            return "";
        }

        using var found = SessionBuffers.Open(session, kind, out var why);
        return found is null ? $" Its batches lie in pageable memory, for want of {kind}: {why}" : $" Its batches lie in memory {kind}.";
    }

    // The first use fails in a type initialiser; which exception wraps which depends on where that use was.
    private static bool IsNativeLibraryMissing(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
            {
                return true;
            }
        }

        return false;
    }
}
