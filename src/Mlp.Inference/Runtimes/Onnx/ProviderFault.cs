using Mlp.Core;

namespace Mlp.Inference;

/// <summary>
/// Says whose fault it is that a provider did not take a model: its own, that of an option, or the model's. ONNX Runtime has one kind of error for
/// all three, so the provider is started again with a model of one operator, without options and then with them.
/// </summary>
internal static class ProviderFault
{
    /// <summary>Why a provider, with some options, does not run the smallest model there is; null where it does.</summary>
    internal delegate string? Start(IReadOnlyDictionary<string, string> options);

    /// <summary>The error that the provider or an option is; null where it is the model's.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="start">Starts the provider.</param>
    /// <param name="cause">What ONNX Runtime said.</param>
    public static MlpException? Explain(OnnxRuntimeOptions options, Start start, Exception cause)
    {
        var name = OnnxSettings.NameOf(options.Provider);
        if (start(new Dictionary<string, string>()) is { } missing)
        {
            return new MlpException(InferenceErrors.RuntimeMissing, $"ONNX Runtime's {name} did not start: {missing} Is there a GPU, and are its libraries installed?", cause);
        }

        if (options.ProviderOptions.Count == 0 || start(options.ProviderOptions) is not { } all)
        {
            return null;
        }

        foreach (var (option, value) in options.ProviderOptions)
        {
            if (start(new Dictionary<string, string> { [option] = value }) is { } why)
            {
                return Refused($"the option {option} = {value}", why);
            }
        }

        return Refused($"the options {string.Join(", ", options.ProviderOptions.Keys)} together", all);

        MlpException Refused(string what, string why) => new(
            InferenceErrors.ProviderOptions,
            $"ONNX Runtime's {name} starts here, but does not take {what} of OnnxRuntimeOptions.ProviderOptions: {why}",
            cause);
    }
}
