namespace Mlp.Features;

/// <summary>An event of history, or a retraction.</summary>
/// <param name="Micros">When the event became known; of a retraction, the retracted event.</param>
/// <param name="KnownMicros">When this became known.</param>
/// <param name="IsRetraction">Whether it takes an event back.</param>
internal readonly record struct WindowEvent(long Micros, long KnownMicros, bool IsRetraction);
