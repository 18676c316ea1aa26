namespace Mlp.Features;

/// <summary>A named group of features that are computed together: a row.</summary>
public abstract class FeatureView
{
    private readonly string[] _features;
    private readonly string[] _tags = [];

    private protected FeatureView(string name, ReadOnlySpan<Column> columns)
    {
        DefinitionName.Check(name);
        Name = name;
        _features = [.. columns.ToArray().Select(c => c.Name)];
        if (_features.Length == 0 || _features.Distinct(StringComparer.Ordinal).Count() != _features.Length)
        {
            throw new ArgumentException($"The view '{name}' needs features, each with a name of its own; got {string.Join(", ", _features)}.", nameof(columns));
        }

        Schema = new RowSchema(columns);
    }

    /// <summary>The view's name.</summary>
    public string Name { get; }

    /// <summary>Names of the features, in the order of the row.</summary>
    public ReadOnlySpan<string> Features => _features;

    /// <summary>The features' types, and how a row lies in memory.</summary>
    public RowSchema Schema { get; }

    /// <summary>Floats that the view has in a tensor: one a feature, of a vector as many as it has, of a text, list or moment none.</summary>
    public int FloatCount => Schema.FloatCount;

    /// <summary>Who answers for it, for people; null where nobody is named.</summary>
    public string? Owner { get; init; }

    /// <summary>What it is, for people.</summary>
    public string? Description { get; init; }

    /// <summary>Words to find it by.</summary>
    public IReadOnlyList<string> Tags
    {
        get => _tags;
        init => _tags = [.. value];
    }

    /// <summary>Everything that decides the values, as one line; the schema's digest is made of it.</summary>
    internal abstract string Canonical { get; }

    /// <summary>Columns of features that are 32-bit floats, as all computed ones are.</summary>
    private protected static Column[] Floats(ReadOnlySpan<string> features) => [.. features.ToArray().Select(Column.Float)];
}

/// <summary>A view of stored values about an entity.</summary>
public abstract class EntityView : FeatureView
{
    private static readonly ColumnType[] KeyTypes = [ColumnType.Text, ColumnType.Integer, ColumnType.Of(ColumnKind.Guid)];

    private protected EntityView(string name, Entity entity, EventSource source, ReadOnlySpan<Column> columns)
        : base(name, columns)
    {
        ArgumentNullException.ThrowIfNull(entity);
        ArgumentNullException.ThrowIfNull(source);
        foreach (var key in entity.Keys)
        {
            if (source.Require(key, KeyTypes).IsNullable)
            {
                throw new ArgumentException($"The column '{key}' of '{source.Name}' is nullable; a key never is.", nameof(source));
            }
        }

        Entity = entity;
        Source = source;
    }

    /// <summary>What the features are about.</summary>
    public Entity Entity { get; }

    /// <summary>The events they are made of.</summary>
    public EventSource Source { get; }

    private protected string CanonicalHead =>
        $"{Name}|{Entity.Name}({string.Join(",", Entity.Keys.ToArray().Select(k => $"{k}: {Source.Columns[Source.IndexOf(k)].Type}"))})|{Source.Name}@{Source.TimeColumn}{(Source.CreatedColumn is { } created ? $"+{created}" : "")}{(Source.RetractsColumn is { } retracts ? $"-{retracts}" : "")}";
}
