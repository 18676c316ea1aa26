namespace Mlp.Features;

/// <summary>A pure function of the request's time, the same code offline and online.</summary>
public sealed class OnDemandView : FeatureView
{
    /// <summary>Declares a view.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="version">Changes whenever the function does: a function's body has no digest.</param>
    /// <param name="features">Names of what it writes.</param>
    /// <param name="compute">Writes one float a feature; may use nothing but its arguments.</param>
    public OnDemandView(string name, string version, ReadOnlySpan<string> features, Computation compute)
        : base(name, Floats(features))
    {
        ArgumentException.ThrowIfNullOrEmpty(version);
        ArgumentNullException.ThrowIfNull(compute);
        Version = version;
        Compute = compute;
    }

    /// <summary>Writes one float for each feature.</summary>
    /// <param name="time">The request's time, UTC.</param>
    /// <param name="features">Where to write.</param>
    public delegate void Computation(DateTime time, Span<float> features);

    /// <summary>The function's version.</summary>
    public string Version { get; }

    /// <summary>The function.</summary>
    public Computation Compute { get; }

    internal override string Canonical => $"on-demand|{Name}|{Version}|{string.Join(",", Features.ToArray())}";
}
