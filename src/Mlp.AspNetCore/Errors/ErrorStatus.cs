using Microsoft.AspNetCore.Http;
using Mlp.Core;
using Mlp.Inference;

namespace Mlp.AspNetCore;

/// <summary>Which HTTP status an error's code means.</summary>
public static class ErrorStatus
{
    /// <summary>The status for a code. What is not the client's fault, and no passing state, is 500.</summary>
    public static int Of(string code) => code switch
    {
        RequestErrors.Invalid or ErrorCodes.TensorMismatch or "features.event_invalid" => StatusCodes.Status400BadRequest,
        RequestErrors.TooLarge => StatusCodes.Status413PayloadTooLarge,
        RequestErrors.Unsupported or InferenceErrors.Unsupported => StatusCodes.Status501NotImplemented,
        InferenceErrors.UnknownModel => StatusCodes.Status404NotFound,
        InferenceErrors.Overloaded or InferenceErrors.Closed or InferenceErrors.DeadlineExceeded or ErrorCodes.LimitReached => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>A title for people.</summary>
    internal static string Title(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "The request cannot be served as it is.",
        StatusCodes.Status404NotFound => "There is nothing of that name.",
        StatusCodes.Status413PayloadTooLarge => "The request is too large.",
        StatusCodes.Status501NotImplemented => "The request asks for what this server does not have.",
        StatusCodes.Status503ServiceUnavailable => "The server cannot answer now.",
        StatusCodes.Status500InternalServerError => "The server failed.",
        _ => "The request failed.",
    };

    /// <summary>Whether an error is told to the log only: a failure of the server, or a limit, which may be one of something behind it.</summary>
    internal static bool IsInner(MlpException error) => error.Code == ErrorCodes.LimitReached || Of(error.Code) == StatusCodes.Status500InternalServerError;

    /// <summary>What a client may see: of its own errors everything, of the server's no inner detail.</summary>
    internal static string Detail(MlpException error) => !IsInner(error) ? error.Message
        : error.Code == ErrorCodes.LimitReached ? $"The server cannot answer now ({error.Code})."
        : $"The server failed to answer ({error.Code}).";
}
