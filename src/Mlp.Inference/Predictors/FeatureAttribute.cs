namespace Mlp.Inference;

/// <summary>The feature that a column is, such as <c>origin_delays.mean_delay_1h</c>: compared with those that the model was trained with.</summary>
/// <param name="name">View and feature.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class FeatureAttribute(string name) : Attribute
{
    /// <summary>View and feature.</summary>
    public string Name { get; } = name;
}
