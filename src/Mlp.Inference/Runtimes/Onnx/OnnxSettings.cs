using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>The settings of a native session.</summary>
internal static class OnnxSettings
{
    /// <summary>The providers' option for the device.</summary>
    public const string DeviceId = "device_id";

    /// <summary>Settings on the processor.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="threads">Which threads a session has, for people.</param>
    public static SessionOptions Cpu(OnnxRuntimeOptions options, out string threads)
    {
        var settings = new SessionOptions
        {
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };

        // Threads that spin while they wait take the cores from the other instances.
        settings.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        settings.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
        threads = OnnxThreads.Give(settings, options.IntraOpThreads);
        return settings;
    }

    /// <summary>Adds a provider.</summary>
    /// <exception cref="MlpException"><see cref="InferenceErrors.RuntimeMissing"/>: the native library does not have it.</exception>
    /// <exception cref="OnnxRuntimeException">It does not start, or does not take an option.</exception>
    public static void AddProvider(SessionOptions settings, OnnxProvider provider, IReadOnlyDictionary<string, string> options)
    {
        var name = NameOf(provider);
        var available = OrtEnv.Instance().GetAvailableProviders();
        if (!available.Contains(name))
        {
            throw new MlpException(
                InferenceErrors.RuntimeMissing,
                $"ONNX Runtime's native library here has no {name}; it has {string.Join(", ", available)}. Reference the package Microsoft.ML.OnnxRuntime.Gpu in place of Microsoft.ML.OnnxRuntime in the program that runs the model, or set OnnxRuntimeOptions.Fallback.");
        }

        if (provider == OnnxProvider.TensorRt)
        {
            using var tensorRt = new OrtTensorRTProviderOptions();
            tensorRt.UpdateOptions(new Dictionary<string, string>(options));
            settings.AppendExecutionProvider_Tensorrt(tensorRt);
            options = BeneathTensorRt(options);
        }

        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(new Dictionary<string, string>(options));
        settings.AppendExecutionProvider_CUDA(cuda);
    }

    /// <summary>CUDA's options where it runs what TensorRT does not have: on the same device.</summary>
    public static Dictionary<string, string> BeneathTensorRt(IReadOnlyDictionary<string, string> tensorRt) => tensorRt.TryGetValue(DeviceId, out var device)
        ? new Dictionary<string, string> { [DeviceId] = device }
        : [];

    /// <summary>Memory for batches that the device copies from without a detour; null where there is none but the processor.</summary>
    public static DeviceMemory? BatchMemory(OnnxRuntimeOptions options)
    {
        // What is no number is refused when the provider starts.
        var isNumber = int.TryParse(options.ProviderOptions.GetValueOrDefault(DeviceId, "0"), NumberStyles.None, CultureInfo.InvariantCulture, out var device);
        return options.Provider == OnnxProvider.Cpu ? null : DeviceMemory.CudaPinned(isNumber ? device : 0);
    }

    public static string NameOf(OnnxProvider provider) => provider switch
    {
        OnnxProvider.Cuda => "CUDAExecutionProvider",
        OnnxProvider.TensorRt => "TensorrtExecutionProvider",
        _ => "CPUExecutionProvider",
    };
}
