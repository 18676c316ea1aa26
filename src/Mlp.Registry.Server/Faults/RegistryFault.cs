using Mlp.Core;

namespace Mlp.Registry.Server;

/// <summary>A request that is refused: becomes the status and the body of the answer.</summary>
/// <remarks>The names and their statuses are those of MLflow, whose clients act on the name.</remarks>
internal sealed class RegistryFault : MlpException
{
    public const string InvalidParameterValue = "INVALID_PARAMETER_VALUE";
    public const string AlreadyExists = "RESOURCE_ALREADY_EXISTS";
    public const string DoesNotExist = "RESOURCE_DOES_NOT_EXIST";
    public const string BadRequest = "BAD_REQUEST";
    public const string Unauthenticated = "UNAUTHENTICATED";
    public const string PermissionDenied = "PERMISSION_DENIED";
    public const string RequestLimitExceeded = "REQUEST_LIMIT_EXCEEDED";
    public const string DataLoss = "DATA_LOSS";
    public const string InternalError = "INTERNAL_ERROR";
    public const string TemporarilyUnavailable = "TEMPORARILY_UNAVAILABLE";

    public RegistryFault(string errorCode, string message, Exception? innerException = null)
        : base("registry." + errorCode.ToLowerInvariant(), message, innerException)
    {
        ErrorCode = errorCode;
        Status = StatusOf(errorCode);
    }

    public string ErrorCode { get; }

    /// <summary>The HTTP status, which a few refusals state more exactly than MLflow's table does.</summary>
    public int Status { get; init; }

    public static RegistryFault Invalid(string message) => new(InvalidParameterValue, message);

    public static RegistryFault Missing(string parameter) =>
        Invalid($"Missing value for required parameter '{parameter}'. See the API docs for more information about request parameters.");

    public static RegistryFault WrongValue(string parameter, string value, string expected) =>
        Invalid($"Invalid value {Shorten(value)} for parameter '{parameter}' supplied: expected {expected}.");

    public static RegistryFault Unknown(string what) => new(DoesNotExist, what);

    public static RegistryFault TooLarge(string message) => new(InvalidParameterValue, message) { Status = 413 };

    private static int StatusOf(string errorCode) => errorCode switch
    {
        InvalidParameterValue or AlreadyExists or BadRequest => 400,
        Unauthenticated => 401,
        PermissionDenied => 403,
        DoesNotExist => 404,
        RequestLimitExceeded => 429,
        TemporarilyUnavailable => 503,
        _ => 500,
    };

    private static string Shorten(string value) => value.Length <= 200 ? value : string.Concat(value.AsSpan(0, 200), "…");
}
