namespace Mlp.Features;

/// <summary>A named group of float32 features that are computed together.</summary>
public abstract class FeatureView
{
    private readonly string[] _features;

    private protected FeatureView(string name, ReadOnlySpan<string> features)
    {
        DefinitionName.Check(name);
        Name = name;
        _features = features.ToArray();
        if (_features.Length == 0 || _features.Distinct(StringComparer.Ordinal).Count() != _features.Length)
        {
            throw new ArgumentException($"The view '{name}' needs features, each with a name of its own; got {string.Join(", ", _features)}.", nameof(features));
        }

        foreach (var feature in _features)
        {
            DefinitionName.Check(feature);
        }
    }

    /// <summary>The view's name.</summary>
    public string Name { get; }

    /// <summary>Names of the features, in the order of the row.</summary>
    public ReadOnlySpan<string> Features => _features;

    /// <summary>Everything that decides the values, as one line; the schema's digest is made of it.</summary>
    internal abstract string Canonical { get; }
}

/// <summary>A view of stored values about an entity.</summary>
public abstract class EntityView : FeatureView
{
    private protected EntityView(string name, Entity entity, EventSource source, ReadOnlySpan<string> features)
        : base(name, features)
    {
        ArgumentNullException.ThrowIfNull(entity);
        ArgumentNullException.ThrowIfNull(source);
        foreach (var key in entity.Keys)
        {
            source.Require(key, ColumnType.Text, ColumnType.Integer);
        }

        if (entity.Keys.Length > 1 && entity.Keys.ToArray().Any(k => source.Require(k, ColumnType.Text, ColumnType.Integer).Type != ColumnType.Text))
        {
            throw new ArgumentException($"The entity '{entity.Name}' of the view '{name}' has several keys; all of them have to be texts.", nameof(entity));
        }

        Entity = entity;
        Source = source;
    }

    /// <summary>What the features are about.</summary>
    public Entity Entity { get; }

    /// <summary>The events they are made of.</summary>
    public EventSource Source { get; }

    private protected string CanonicalHead => $"{Name}|{Entity.Name}({string.Join(",", Entity.Keys.ToArray())})|{Source.Name}@{Source.TimeColumn}";
}
