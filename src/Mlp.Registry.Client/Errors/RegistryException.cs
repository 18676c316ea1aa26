using Mlp.Core;

namespace Mlp.Registry.Client;

/// <summary>A registry that refuses, fails or is away.</summary>
public sealed class RegistryException : MlpException
{
    /// <summary>Creates the error.</summary>
    /// <param name="code">One of <see cref="RegistryErrors"/>, or <see cref="ErrorCodes.LimitReached"/>.</param>
    /// <param name="message">What was asked and what came.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public RegistryException(string code, string message, Exception? innerException = null)
        : base(code, message, innerException)
    {
    }

    /// <summary>The name that the server gave, such as <c>RESOURCE_DOES_NOT_EXIST</c>; null where it did not answer.</summary>
    public string? ServerCode { get; init; }

    /// <summary>The HTTP status; null where there was no answer.</summary>
    public int? Status { get; init; }
}
