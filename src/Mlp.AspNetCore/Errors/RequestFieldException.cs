using Mlp.Core;

namespace Mlp.AspNetCore;

/// <summary>A request that cannot be served because of one of its fields, or of one of its tensors.</summary>
public sealed class RequestFieldException : MlpException
{
    /// <summary>Creates the error with the code <see cref="RequestErrors.Invalid"/>.</summary>
    /// <param name="field">The field's or the tensor's name.</param>
    /// <param name="message">What was expected and what came.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public RequestFieldException(string field, string message, Exception? innerException = null)
        : this(RequestErrors.Invalid, field, message, innerException)
    {
    }

    /// <summary>Creates the error.</summary>
    /// <param name="code">One of <see cref="RequestErrors"/>.</param>
    /// <param name="field">The field's or the tensor's name.</param>
    /// <param name="message">What was expected and what came.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public RequestFieldException(string code, string field, string message, Exception? innerException = null)
        : base(code, message, innerException) => Field = field;

    /// <summary>The field's or the tensor's name.</summary>
    public string Field { get; }
}
