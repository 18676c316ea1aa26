namespace Mlp.Core;

/// <summary>What a leaf adds to one target.</summary>
/// <param name="Target">Index of the target (of a class, or of a regression's output).</param>
/// <param name="Weight">The number.</param>
public readonly record struct LeafWeight(int Target, float Weight);
