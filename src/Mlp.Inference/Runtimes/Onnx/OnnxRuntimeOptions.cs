namespace Mlp.Inference;

/// <summary>How ONNX Runtime runs a model.</summary>
public sealed record OnnxRuntimeOptions
{
    /// <summary>
    /// Threads of one run; 1 for the one that calls. More instances beat more threads except for large models. With more than 1, a run also
    /// uses the threads that all such sessions of the process share, as many as are idle there: <see cref="ModelHostOptions.SharedThreads"/>
    /// bounds them. Where the program used ONNX Runtime before this library, the session has this many of its own, and <see cref="IPreparedModel.Reason"/> says so.
    /// </summary>
    public int IntraOpThreads { get; init; } = 1;

    /// <summary>What runs the operators. All but the processor need another native package in the program, which the error names.</summary>
    public OnnxProvider Provider { get; init; }

    /// <summary>The provider's own options, by ONNX Runtime's names, such as <c>device_id</c> or <c>trt_fp16_enable</c>. One that the provider does not take is an error (<see cref="InferenceErrors.ProviderOptions"/>), whatever <see cref="Fallback"/> says.</summary>
    public IReadOnlyDictionary<string, string> ProviderOptions { get; init; } = new Dictionary<string, string>();

    /// <summary>What to do where <see cref="Provider"/> is not there.</summary>
    public OnnxFallback Fallback { get; init; }

    /// <summary>Checks the options.</summary>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(IntraOpThreads);
        ArgumentNullException.ThrowIfNull(ProviderOptions);
        if (!Enum.IsDefined(Provider) || !Enum.IsDefined(Fallback))
        {
            throw new ArgumentOutOfRangeException(nameof(Provider), $"{Provider}, {Fallback}", "No provider or no fallback of this library.");
        }

        if (Provider == OnnxProvider.Cpu && ProviderOptions.Count > 0)
        {
            throw new ArgumentException("The processor has no provider options.", nameof(ProviderOptions));
        }

        foreach (var (option, value) in ProviderOptions)
        {
            if (string.IsNullOrWhiteSpace(option) || value is null)
            {
                throw new ArgumentException($"A provider option has a name and a value; '{option}' has {(value is null ? "no value" : "no name")}.", nameof(ProviderOptions));
            }
        }
    }
}

/// <summary>What runs the operators of a model in ONNX Runtime.</summary>
public enum OnnxProvider
{
    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>An NVIDIA GPU through CUDA; the program references Microsoft.ML.OnnxRuntime.Gpu.</summary>
    Cuda,

    /// <summary>An NVIDIA GPU through TensorRT, and CUDA for what TensorRT does not have; the program references Microsoft.ML.OnnxRuntime.Gpu.</summary>
    TensorRt,
}

/// <summary>What to do where a provider is not there.</summary>
public enum OnnxFallback
{
    /// <summary>An error that says what to add.</summary>
    None,

    /// <summary>The processor runs the model; <see cref="IPreparedModel.Reason"/> says so.</summary>
    Cpu,
}
