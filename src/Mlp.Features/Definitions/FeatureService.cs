using System.Text;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>A named, versioned list of views: the row that a model reads.</summary>
public sealed class FeatureService
{
    private readonly FeatureView[] _views;
    private readonly string[] _features;
    private readonly Entity[] _entities;
    private readonly string[] _request;
    private readonly OnDemandPlan[] _onDemand;

    /// <summary>Declares a service.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="version">Its version, for people; the digest decides.</param>
    /// <param name="views">The views, in the order of the row.</param>
    public FeatureService(string name, string version, params ReadOnlySpan<FeatureView> views)
    {
        DefinitionName.Check(name);
        ArgumentException.ThrowIfNullOrEmpty(version);
        if (views.Length == 0)
        {
            throw new ArgumentException($"The service '{name}' needs a view.", nameof(views));
        }

        Name = name;
        Version = version;
        _views = views.ToArray();
        if (_views.Select(v => v.Name).Distinct(StringComparer.Ordinal).Count() != _views.Length)
        {
            throw new ArgumentException($"The service '{name}' has two views of one name.", nameof(views));
        }

        _entities = FeatureServiceEntities.Of(_views);
        _features = [.. _views.SelectMany(view => view.Schema.FloatNames.Select(feature => $"{view.Name}.{feature}"))];
        _request = OnDemandPlan.RequestOf(_views);
        _onDemand = OnDemandPlan.Of(name, _views, _request);
        Digest = ContentDigest.Of(Encoding.UTF8.GetBytes(string.Join('\n', _views.Select(v => v.Canonical))));
    }

    /// <summary>The service's name.</summary>
    public string Name { get; }

    /// <summary>The service's version.</summary>
    public string Version { get; }

    /// <summary>Digest of everything that decides the values of a row.</summary>
    public string Digest { get; }

    /// <summary>The views, in the order of the row.</summary>
    public ReadOnlySpan<FeatureView> Views => _views;

    /// <summary>Names of the row's floats: view, dot, feature, and of a vector the element's number in brackets. Texts, lists and moments have none.</summary>
    public ReadOnlySpan<string> Features => _features;

    /// <summary>The entities whose keys a request brings, in this order.</summary>
    public ReadOnlySpan<Entity> Entities => _entities;

    /// <summary>Names of the numbers that a request brings for the on-demand views, in this order; none where they need none.</summary>
    public ReadOnlySpan<string> RequestColumns => _request;

    /// <summary>The on-demand views; they are computed when the stored ones have been read.</summary>
    internal ReadOnlySpan<OnDemandPlan> OnDemand => _onDemand;

    /// <summary>Floats in a row.</summary>
    public int RowLength => _features.Length;

    /// <summary>Refuses to compute what has no code here.</summary>
    internal void RequireCode()
    {
        if (Array.Find(_onDemand, plan => !plan.View.HasCode) is { } plan)
        {
            throw new MlpException(FeatureErrors.CodeMissing, $"The service '{Name}' has the on-demand view '{plan.View.Name}' {plan.View.Version} without its code; give the view itself where the definitions are read.");
        }
    }

    /// <summary>What a model package states about this service.</summary>
    public FeatureServiceReference ToReference() =>
        new(Name, Version, Digest, [.. _features.Select(feature => new FeatureReference(feature, ElementType.Float32))]);

    /// <summary>Compares a package's statement with this definition.</summary>
    /// <exception cref="MlpException"><see cref="FeatureErrors.SchemaMismatch"/>: the model was trained on another definition; the message has both.</exception>
    public void Require(FeatureServiceReference? reference)
    {
        if (reference is null || reference.Digest != Digest)
        {
            throw new MlpException(FeatureErrors.SchemaMismatch,
                $"The model reads {(reference is null ? "no feature service" : $"the feature service '{reference.Name}' {reference.Version} ({reference.Digest}: {string.Join(", ", reference.Features.Select(f => f.Name))})")}; this host defines '{Name}' {Version} ({Digest}: {string.Join(", ", _features)}).");
        }
    }
}
