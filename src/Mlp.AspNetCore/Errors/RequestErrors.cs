namespace Mlp.AspNetCore;

/// <summary>The stable codes of errors in requests.</summary>
public static class RequestErrors
{
    /// <summary>A field of the request is missing or cannot be.</summary>
    public const string Invalid = "request.invalid";

    /// <summary>The request is larger than allowed.</summary>
    public const string TooLarge = "request.too_large";

    /// <summary>The request asks for what the server does not have.</summary>
    public const string Unsupported = "request.unsupported";
}
