using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// A pure function of the request's time, of features of stored views and of what comes with the request: the same code offline and online. It sees
/// the floats that the row has.
/// </summary>
public sealed class OnDemandView : FeatureView
{
    private readonly string[] _inputs;
    private readonly string[] _requested;

    /// <summary>Declares a view of the time alone.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="version">Changes whenever the function does: a function's body has no digest.</param>
    /// <param name="features">Names of what it writes.</param>
    /// <param name="compute">Writes one float a feature; may use nothing but its arguments.</param>
    public OnDemandView(string name, string version, ReadOnlySpan<string> features, Computation compute)
        : this(name, version, features, [], [], compute is null ? null : (in input, written) => compute(input.Time, written), isCode: true)
    {
    }

    /// <summary>Declares a view of features and of what comes with the request.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="version">Changes whenever the function does.</param>
    /// <param name="features">Names of what it writes.</param>
    /// <param name="inputs">What it reads: view, dot and feature, of stored views that are in the same service.</param>
    /// <param name="requested">Names of numbers that come with the request; offline from the columns of these names of the entities' rows.</param>
    /// <param name="compute">Writes one float a feature; may use nothing but its arguments.</param>
    public OnDemandView(string name, string version, ReadOnlySpan<string> features, ReadOnlySpan<string> inputs, ReadOnlySpan<string> requested, InputComputation compute)
        : this(name, version, features, inputs, requested, compute, isCode: true)
    {
    }

    private OnDemandView(string name, string version, ReadOnlySpan<string> features, ReadOnlySpan<string> inputs, ReadOnlySpan<string> requested, InputComputation? compute, bool isCode)
        : base(name, Floats(features))
    {
        ArgumentException.ThrowIfNullOrEmpty(version);
        if (isCode)
        {
            ArgumentNullException.ThrowIfNull(compute);
        }

        Version = version;
        Compute = compute ?? Missing;
        HasCode = isCode;
        _inputs = inputs.ToArray();
        _requested = requested.ToArray();
        Array.ForEach(_requested, DefinitionName.Check);
        foreach (var named in (ReadOnlySpan<string[]>)[_inputs, _requested])
        {
            if (named.Distinct(StringComparer.Ordinal).Count() != named.Length)
            {
                throw new ArgumentException($"The view '{name}' reads one of {string.Join(", ", named)} twice.", nameof(inputs));
            }
        }
    }

    /// <summary>Writes one float for each feature.</summary>
    /// <param name="time">The request's time, UTC.</param>
    /// <param name="features">Where to write.</param>
    public delegate void Computation(DateTime time, Span<float> features);

    /// <summary>Writes one float for each feature.</summary>
    /// <param name="input">What it may read.</param>
    /// <param name="features">Where to write.</param>
    public delegate void InputComputation(in OnDemandInput input, Span<float> features);

    /// <summary>The function's version.</summary>
    public string Version { get; }

    /// <summary>The function.</summary>
    public InputComputation Compute { get; }

    /// <summary>Whether the function is here; a definition that was read from JSON has none. Such a view has a digest and cannot be computed.</summary>
    public bool HasCode { get; }

    /// <summary>What it reads: view, dot and feature.</summary>
    public ReadOnlySpan<string> Inputs => _inputs;

    /// <summary>Names of what comes with the request.</summary>
    public ReadOnlySpan<string> Requested => _requested;

    internal override string Canonical =>
        $"on-demand|{Name}|{Version}|{string.Join(",", Features.ToArray())}{(_inputs.Length + _requested.Length == 0 ? "" : $"|{string.Join(",", _inputs)}|{string.Join(",", _requested)}")}";

    /// <summary>A view whose function is elsewhere.</summary>
    internal static OnDemandView WithoutCode(string name, string version, ReadOnlySpan<string> features, ReadOnlySpan<string> inputs, ReadOnlySpan<string> requested, string? owner, string? description, string[] tags) =>
        new(name, version, features, inputs, requested, null, isCode: false) { Owner = owner, Description = description, Tags = tags };

    private void Missing(in OnDemandInput input, Span<float> features) =>
        throw new MlpException(FeatureErrors.CodeMissing, $"The on-demand view '{Name}' {Version} was read without its code; give the view itself where the definitions are read.");
}
