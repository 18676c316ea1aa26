namespace Mlp.Core;

/// <summary>What a leaf adds to one target.</summary>
/// <param name="Target">Index of the target (of a class, or of a regression's output).</param>
/// <param name="Weight">The number; one that is a float where the ensemble sums in float.</param>
public readonly record struct LeafWeight(int Target, double Weight);
