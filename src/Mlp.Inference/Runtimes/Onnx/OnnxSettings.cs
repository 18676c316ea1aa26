using Microsoft.ML.OnnxRuntime;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>The settings of a native session.</summary>
internal static class OnnxSettings
{
    /// <summary>Settings on the processor.</summary>
    public static SessionOptions Cpu(OnnxRuntimeOptions options)
    {
        var settings = new SessionOptions
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
        return settings;
    }

    /// <summary>Adds the provider that was asked for.</summary>
    /// <exception cref="MlpException"><see cref="InferenceErrors.RuntimeMissing"/>: it is not there, or does not start here.</exception>
    public static void AddProvider(SessionOptions settings, OnnxRuntimeOptions options)
    {
        var name = NameOf(options.Provider);
        var available = OrtEnv.Instance().GetAvailableProviders();
        if (!available.Contains(name))
        {
            throw new MlpException(
                InferenceErrors.RuntimeMissing,
                $"ONNX Runtime's native library here has no {name}; it has {string.Join(", ", available)}. Reference the package Microsoft.ML.OnnxRuntime.Gpu in place of Microsoft.ML.OnnxRuntime in the program that runs the model, or set OnnxRuntimeOptions.Fallback.");
        }

        try
        {
            if (options.Provider == OnnxProvider.TensorRt)
            {
                using var tensorRt = new OrtTensorRTProviderOptions();
                tensorRt.UpdateOptions(new Dictionary<string, string>(options.ProviderOptions));
                settings.AppendExecutionProvider_Tensorrt(tensorRt);
                settings.AppendExecutionProvider_CUDA();
            }
            else
            {
                using var cuda = new OrtCUDAProviderOptions();
                cuda.UpdateOptions(new Dictionary<string, string>(options.ProviderOptions));
                settings.AppendExecutionProvider_CUDA(cuda);
            }
        }
        catch (OnnxRuntimeException e)
        {
            throw new MlpException(InferenceErrors.RuntimeMissing, $"ONNX Runtime's {name} did not start: {e.Message} Is there a GPU, and are its libraries installed?", e);
        }
    }

    public static string NameOf(OnnxProvider provider) => provider switch
    {
        OnnxProvider.Cuda => "CUDAExecutionProvider",
        OnnxProvider.TensorRt => "TensorrtExecutionProvider",
        _ => "CPUExecutionProvider",
    };
}
