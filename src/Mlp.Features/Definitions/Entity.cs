namespace Mlp.Features;

/// <summary>What features are about: a thing named by one or several key columns.</summary>
public sealed class Entity
{
    private readonly string[] _keys;

    /// <summary>Declares an entity.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="keys">Columns that name it, in order.</param>
    public Entity(string name, params ReadOnlySpan<string> keys)
    {
        DefinitionName.Check(name);
        if (keys.Length == 0)
        {
            throw new ArgumentException($"The entity '{name}' needs at least one key.", nameof(keys));
        }

        foreach (var key in keys)
        {
            DefinitionName.Check(key);
        }

        Name = name;
        _keys = keys.ToArray();
    }

    /// <summary>The entity's name.</summary>
    public string Name { get; }

    /// <summary>Columns that name it, in order.</summary>
    public ReadOnlySpan<string> Keys => _keys;
}
