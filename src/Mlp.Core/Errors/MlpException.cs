namespace Mlp.Core;

/// <summary>The base of every error that Mlp raises for bad input, damaged data or a limit that was reached.</summary>
/// <remarks>
/// Programmer errors (a null argument, an index out of range) stay what they are in .NET. Everything that a caller may want to
/// handle derives from this class and carries a <see cref="Code"/> that does not change between versions.
/// </remarks>
public class MlpException : Exception
{
    /// <summary>Creates an error with a stable code.</summary>
    /// <param name="code">One of <see cref="ErrorCodes"/>, or a code of the same form: <c>room.reason</c> in lower case.</param>
    /// <param name="message">What was expected and what came.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public MlpException(string code, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        ArgumentException.ThrowIfNullOrEmpty(code);
        Code = code;
    }

    /// <summary>The stable code, such as <c>package.damaged</c>: for metrics, tests and error bodies.</summary>
    public string Code { get; }
}
