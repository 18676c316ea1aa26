namespace Mlp.Inference;

/// <summary>What one request wants different from the model's <see cref="BatchingOptions"/>.</summary>
public readonly record struct RequestOptions
{
    /// <summary>How long the request may take; null for the model's own deadline, <see cref="Timeout.InfiniteTimeSpan"/> for none. Looked at every <see cref="BatchingOptions.ContinuationMsMax"/>.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>Index in <see cref="BatchingOptions.Levels"/>; 0, the default, is served first.</summary>
    public int Priority { get; init; }

    /// <summary>
    /// Whether <see cref="HostedModel.InferAsync"/> may run one row on the caller's own thread while an instance is idle, if the model's runs are shorter than
    /// a change of threads. Cancellation and the deadline end such a run where the runtime can end it; one that cannot be ended keeps the thread. For callers that have a thread each anyway, as the requests of a web server do; who starts many requests from one thread wants batches instead.
    /// </summary>
    public bool RunsHere { get; init; }
}
