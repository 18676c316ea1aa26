using System.Diagnostics;
using System.Runtime.CompilerServices;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>An activity for each request, where somebody listens; nothing at all otherwise.</summary>
public static class RequestTrace
{
    /// <summary>Name of the activity source.</summary>
    public const string SourceName = "Mlp.Inference";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Begins a request's activity, as a child of the caller's own.</summary>
    /// <returns>Null where nobody listens.</returns>
    internal static Activity? Start(string model, string version, int rows)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var callers = Activity.Current;
        var activity = Source.StartActivity($"predict {model}");

        // The caller's own goes on beside the request; the activity must not stay behind as the current one where the call returns.
        Activity.Current = callers;
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("mlp.model.name", model).SetTag("mlp.model.version", version).SetTag("mlp.request.rows", rows);
        }

        return activity;
    }

    /// <summary>Ends the activity with the request.</summary>
    internal static ValueTask Until(Activity? activity, ValueTask request) => activity is null ? request : FollowAsync(activity, request);

    /// <summary>Ends the activity with the request.</summary>
    internal static ValueTask<float> Until(Activity? activity, ValueTask<float> request) => activity is null ? request : FollowAsync(activity, request);

    /// <summary>Says on the activity how the request failed.</summary>
    internal static void Failed(Activity? activity, Exception error)
    {
        if (activity is not null)
        {
            activity.SetTag("error.type", error is MlpException known ? known.Code : error.GetType().FullName);
            activity.SetStatus(ActivityStatusCode.Error, error.Message);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask FollowAsync(Activity activity, ValueTask request)
    {
        using (activity)
        {
            try
            {
                await request.ConfigureAwait(false);
            }
            catch (Exception e)
            {
                Failed(activity, e);
                throw;
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<float> FollowAsync(Activity activity, ValueTask<float> request)
    {
        using (activity)
        {
            try
            {
                return await request.ConfigureAwait(false);
            }
            catch (Exception e)
            {
                Failed(activity, e);
                throw;
            }
        }
    }
}
