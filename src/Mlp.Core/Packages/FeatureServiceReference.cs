namespace Mlp.Core;

/// <summary>One feature that a model reads: its name and the element type of its column.</summary>
/// <param name="Name">View and feature, such as <c>origin_delays.mean_delay_1h</c>.</param>
/// <param name="Type">The element type in the model's input.</param>
public readonly record struct FeatureReference(string Name, ElementType Type);

/// <summary>The feature service a model was trained with: names and versions, not copies of code.</summary>
/// <param name="Name">Name of the service.</param>
/// <param name="Version">Version of the service.</param>
/// <param name="Digest">Digest of the service's schema; a host whose own definition has another refuses the model.</param>
/// <param name="Features">The columns of a row, in order.</param>
public sealed record FeatureServiceReference(string Name, string Version, string Digest, IReadOnlyList<FeatureReference> Features);
