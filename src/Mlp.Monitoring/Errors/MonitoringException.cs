using Mlp.Core;

namespace Mlp.Monitoring;

/// <summary>Data that cannot be evaluated, profiled or compared, or a file of this library that cannot be read.</summary>
public sealed class MonitoringException : MlpException
{
    /// <summary>Creates the error.</summary>
    /// <param name="code">One of <see cref="MonitoringErrors"/>, or <see cref="ErrorCodes.LimitReached"/>.</param>
    /// <param name="message">What was expected and what came.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public MonitoringException(string code, string message, Exception? innerException = null)
        : base(code, message, innerException)
    {
    }
}
