using Mlp.Core;

namespace Mlp.Inference;

/// <summary>The stable codes of this library's errors, beside those of <see cref="ErrorCodes"/>.</summary>
public static class InferenceErrors
{
    /// <summary>The queue of a model is full; the request was refused at once and never ran.</summary>
    public const string Overloaded = "inference.overloaded";

    /// <summary>A request's deadline passed before its answer was there.</summary>
    public const string DeadlineExceeded = "inference.deadline";

    /// <summary>The model was unloaded, or its host or batcher disposed.</summary>
    public const string Closed = "inference.closed";

    /// <summary>The runtime failed while it ran the batch of the request.</summary>
    public const string ExecutionFailed = "inference.failed";

    /// <summary>A call, or a runtime, that the model's inputs or outputs do not fit: rows for a model that takes none, or a value of a form that a runtime does not take.</summary>
    public const string Unsupported = "inference.unsupported";

    /// <summary>A new version has another signature than the one it would replace.</summary>
    public const string SignatureChanged = "inference.signature_changed";

    /// <summary>A new version does not give the answers that its package's golden examples state.</summary>
    public const string GoldenFailed = "inference.golden_failed";

    /// <summary>A version was not ready in the time that a load may take.</summary>
    public const string LoadTimeout = "inference.load_timeout";

    /// <summary>No model, or no version of it, has the name that was asked for.</summary>
    public const string UnknownModel = "inference.unknown_model";

    /// <summary>The native library of a runtime is missing; the message names the package to add.</summary>
    public const string RuntimeMissing = "runtime.missing";

    /// <summary>A provider of a runtime is there, but does not take an option that was given for it; the message names both.</summary>
    public const string ProviderOptions = "runtime.options";

    internal static MlpException NoRows(ModelSignature signature, string why) =>
        new(Unsupported, $"The model {signature} takes no rows, call HostedModel.RunAsync. {why}");

    internal static MlpException QueueFull(string model, int waiting, int rowsMax) =>
        new(Overloaded, $"The model '{model}' has {waiting} rows waiting, of at most {rowsMax}.");

    internal static MlpException TooLong(string model, int waiting, TimeSpan objective) =>
        new(Overloaded, $"The model '{model}' has {waiting} rows waiting; with more, answers would take longer than the objective of {objective.TotalMilliseconds:0.###} ms.");

    internal static MlpException Late(string model, TimeSpan deadline) =>
        new(DeadlineExceeded, $"The model '{model}' did not answer within the request's deadline of {deadline.TotalMilliseconds:0.###} ms.");

    internal static MlpException IsClosed(string model) =>
        new(Closed, $"The model '{model}' was unloaded.");

    /// <summary>A run that failed; what a runtime says in this library's own words keeps its code.</summary>
    internal static MlpException Failed(string model, Exception cause) =>
        new(cause is MlpException known ? known.Code : ExecutionFailed, $"The model '{model}' failed: {cause.Message}", cause);
}
