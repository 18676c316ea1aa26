namespace Mlp.Inference;

/// <summary>The batches of one length.</summary>
/// <param name="Length">The length that rows are filled up to.</param>
/// <param name="Batcher">Its batches.</param>
internal sealed record Bucket(int Length, DynamicBatcher Batcher);
