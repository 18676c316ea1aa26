using Mlp.Core;

namespace Mlp.Registry.Client;

/// <summary>The server's names for refusals as codes of this library.</summary>
internal static class Refusals
{
    private const int MessageLengthMax = 1000;

    /// <summary>What the server says, as much of it as a log should get.</summary>
    public static string? Shorten(string? message) => message is { Length: > MessageLengthMax } ? string.Concat(message.AsSpan(0, MessageLengthMax), "…") : message;

    public static string Code(string? serverCode, int status) => serverCode switch
    {
        "RESOURCE_DOES_NOT_EXIST" or "NOT_FOUND" or "ENDPOINT_NOT_FOUND" => RegistryErrors.NotFound,
        "RESOURCE_ALREADY_EXISTS" or "ALREADY_EXISTS" => RegistryErrors.AlreadyExists,
        "UNAUTHENTICATED" or "CUSTOMER_UNAUTHORIZED" or "PERMISSION_DENIED" => RegistryErrors.Unauthenticated,
        "REQUEST_LIMIT_EXCEEDED" or "RESOURCE_EXHAUSTED" => ErrorCodes.LimitReached,
        "DATA_LOSS" => ErrorCodes.PackageDamaged,
        _ => status switch
        {
            401 or 403 => RegistryErrors.Unauthenticated,
            404 => RegistryErrors.NotFound,
            429 => ErrorCodes.LimitReached,
            >= 500 or 408 => RegistryErrors.Unreachable,
            >= 400 => RegistryErrors.Invalid,
            _ => RegistryErrors.BadAnswer,
        },
    };
}
