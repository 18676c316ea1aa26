using Microsoft.Extensions.Logging;

namespace Mlp.AspNetCore;

/// <summary>What operators have to see, since clients get no more than a code of it.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Error, "A request failed: {Code}")]
    public static partial void Failed(ILogger logger, Exception error, string code);

    [LoggerMessage(2, LogLevel.Information, "The model {Model} version {Version} is run by {Runtime}. {Reason}")]
    public static partial void Loaded(ILogger logger, string model, string version, string runtime, string reason);
}
