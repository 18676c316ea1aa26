namespace Mlp.Features;

/// <summary>
/// Makes a static method of a partial type an <see cref="OnDemandView"/>; the compiler adds it as a property, named as the method and <c>View</c>.
/// The method has to be pure: the same values give the same result. What it returns are the features: a number or a bool, or a tuple of them with names.
/// A <see cref="DateTime"/> among its parameters is the request's time.
/// </summary>
/// <param name="name">The view's name; also that of a lone feature.</param>
/// <param name="version">Changes whenever the method does: code has no digest.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnDemandViewAttribute(string name, string version) : Attribute
{
    /// <summary>The view's name.</summary>
    public string Name { get; } = name;

    /// <summary>The method's version.</summary>
    public string Version { get; } = version;
}

/// <summary>A parameter that is a feature of a stored view of the same service. NaN, or null of a <c>float?</c>, where it is missing.</summary>
/// <param name="feature">View, dot and feature, such as <c>origin_delays.mean_delay_1h</c>.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class FromViewAttribute(string feature) : Attribute
{
    /// <summary>View, dot and feature.</summary>
    public string Feature { get; } = feature;
}

/// <summary>A parameter that is a column of a declared row.</summary>
/// <typeparam name="TRow">A type with a <see cref="FeatureViewAttribute{TEntity}"/>.</typeparam>
/// <param name="property">The property's name.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class FromViewAttribute<TRow>(string property) : Attribute
{
    /// <summary>The property's name.</summary>
    public string Property { get; } = property;
}

/// <summary>A parameter that comes with the request, and offline from the column of that name of the entities' rows. Its name is the parameter's in lower case with underscores.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class FromRequestAttribute : Attribute
{
    /// <summary>Another name; null where it is the parameter's.</summary>
    public string? Name { get; set; }
}
