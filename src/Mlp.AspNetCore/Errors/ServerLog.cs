using Microsoft.Extensions.Logging;

namespace Mlp.AspNetCore;

/// <summary>What operators have to see, since clients get no more than a code of it.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Error, "A request failed: {Code}")]
    public static partial void Failed(ILogger logger, Exception error, string code);
}
