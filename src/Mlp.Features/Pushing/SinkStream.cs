namespace Mlp.Features;

/// <summary>A stream that feeds an online store, such as a partition of a topic.</summary>
/// <param name="Name">The same each time, and no other stream's: 1 to 64 letters, digits, dots, hyphens and underscores.</param>
/// <param name="Source">What its events are; several streams may be of one source.</param>
public sealed record SinkStream(string Name, EventSource Source);
