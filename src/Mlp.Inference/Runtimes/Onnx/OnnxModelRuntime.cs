using Microsoft.ML.OnnxRuntime;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>ONNX Runtime on the processor. Its native library comes with a package that the program itself references.</summary>
internal sealed class OnnxModelRuntime(OnnxRuntimeOptions options) : IModelRuntime
{
    public string Name => "ONNX Runtime";

    public IPreparedModel Prepare(ModelFile file, PrepareOptions prepare)
    {
        try
        {
            using var settings = new SessionOptions
            {
                IntraOpNumThreads = options.IntraOpThreads,
                InterOpNumThreads = 1,
                ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            };

            // Threads that spin while they wait take the cores from the other instances.
            settings.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            settings.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
            return new OnnxPreparedModel(new InferenceSession(file.Bytes, settings), file.Layout);
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
