namespace Mlp.Core;

/// <summary>One term of the linear model that a leaf may hold.</summary>
/// <param name="Feature">Index of the feature.</param>
/// <param name="Weight">What the feature is multiplied by.</param>
public readonly record struct LeafCoefficient(int Feature, double Weight);
