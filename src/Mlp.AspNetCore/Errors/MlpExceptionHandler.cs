using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Mlp.Core;

namespace Mlp.AspNetCore;

/// <summary>Turns an <see cref="MlpException"/>, and a request that ASP.NET Core itself could not read, into a problem body. Other exceptions are left to others.</summary>
internal sealed class MlpExceptionHandler(ILogger<MlpExceptionHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            MlpException e => new ProblemResult(e),
            BadHttpRequestException e => new ProblemResult(e.StatusCode, e.StatusCode == StatusCodes.Status413PayloadTooLarge ? RequestErrors.TooLarge : RequestErrors.Invalid, e.Message),
            _ => null,
        };
        if (problem is null)
        {
            return false;
        }

        if (exception is MlpException inner && ErrorStatus.IsInner(inner))
        {
            ServerLog.Failed(logger, exception, inner.Code);
        }

        await problem.ExecuteAsync(httpContext).ConfigureAwait(false);
        return true;
    }
}
