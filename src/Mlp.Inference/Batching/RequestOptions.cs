namespace Mlp.Inference;

/// <summary>What one request wants different from the model's <see cref="BatchingOptions"/>.</summary>
public readonly record struct RequestOptions
{
    /// <summary>How long the request may take; null for the model's own deadline. Looked at every <see cref="BatchingOptions.ContinuationMsMax"/>.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>Index in <see cref="BatchingOptions.Levels"/>; 0, the default, is served first.</summary>
    public int Priority { get; init; }
}
