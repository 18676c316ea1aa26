using System.Net.Sockets;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Mlp.Registry.Client;

/// <summary>When a request is sent again: a bounded number of times, with growing and jittered pauses, each attempt with its own time-out.</summary>
internal static class Attempts
{
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(10);

    public static ResiliencePipeline Pipeline(RegistryEndpoint endpoint, TimeSpan timeout, Func<Exception, bool> again)
    {
        var builder = new ResiliencePipelineBuilder { TimeProvider = endpoint.Time };
        if (endpoint.RetriesMax > 0)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = endpoint.RetriesMax,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = endpoint.RetryDelay,
                MaxDelay = PauseMax,
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is { } e && again(e)),
            });
        }

        return builder.AddTimeout(timeout).Build();
    }

    /// <summary>For requests that may arrive twice: no answer, or one that says "later".</summary>
    public static bool Repeatable(Exception exception) =>
        IsNoAnswer(exception) || exception is RegistryException { Status: 408 or 429 or 500 or 502 or 503 or 504 };

    /// <summary>For requests that must not: only where the server has not taken it.</summary>
    public static bool NeverArrived(Exception exception) =>
        exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }
            or RegistryException { Status: 429 or 503 };

    /// <summary>Whether an exception means that no complete answer came.</summary>
    public static bool IsNoAnswer(Exception exception) =>
        exception is HttpRequestException or HttpIOException or TimeoutRejectedException or IOException { InnerException: SocketException };
}
